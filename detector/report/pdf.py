"""Laying out a report. Imported when one is asked for: fpdf brings Pillow and NumPy along."""

from collections.abc import Iterable
from pathlib import Path

from django.utils import timezone
from fpdf import FPDF, XPos, YPos
from fpdf.fonts import TTFFont

from detector.confidence import CAUTIONS, confidence_of
from detector.engine.types import Verdict
from detector.messages import REASONS, reason_text
from detector.models import Prediction
from detector.report.drawing import FAKE, OPEN, REAL, SOFT, draw
from detector.selectors import picture_of

FONTS = Path(__file__).parent / "fonts"

WITH_HEAD_MM = 25
"""A heading and the first lines under it, which stay on one page."""

WORDS = {
    Verdict.FAKE: ("FAKE", "The voice is probably synthetic.", FAKE),
    Verdict.REAL: ("REAL", "The voice is probably human.", REAL),
    Verdict.INCONCLUSIVE: ("INCONCLUSIVE", "The recording does not decide either way.", OPEN),
}

METHOD = (
    "The recording was decoded, mixed to one channel and brought to 16 kHz, then cut into "
    "overlapping windows. Windows with speech were measured by the feature schema named above and "
    "scored by the model version named above. The mean score is calibrated to a log-likelihood "
    "ratio on recordings that the model did not learn from; the probability is that of FAKE where "
    "both kinds are equally likely beforehand. From the upper threshold on the verdict is FAKE, "
    "up to the lower one REAL, between them INCONCLUSIVE; so it is for a recording unlike all "
    "that the model was tested on."
)
LIMITS = (
    "This is statistical evidence, not proof. New synthesisers, telephone lines, heavy "
    "compression, noise or music can mislead it either way, and a human voice that was cut or "
    "edited still counts as human. How often each model version errs, on which kinds of voices "
    "and recordings, is in its model card. Do not decide by this report alone."
)


def render(prediction: Prediction, *, address: str) -> bytes:
    """Return a judged prediction's report as PDF."""
    page = _Report(prediction, address)
    page.verdict()
    draw(page.pdf, prediction, picture_of(prediction.clip))
    page.reasons()
    page.facts()
    page.text("Method", METHOD)
    page.text("Limits", LIMITS)
    return bytes(page.pdf.output())


class _Paper(FPDF):
    """A4 with a foot on each page that says what it belongs to."""

    foot = ""

    def footer(self) -> None:
        self.set_y(-14)
        self.set_font("DejaVu", size=7)
        self.set_text_color(*SOFT)
        self.cell(self.epw - 20, 4, self.foot)
        self.cell(20, 4, f"{self.page_no()} / {{nb}}", align="R")


class _Report:
    def __init__(self, prediction: Prediction, address: str) -> None:
        self.prediction = prediction
        self.pdf = _Paper()
        self.pdf.set_margin(18)
        self.pdf.set_auto_page_break(True, margin=20)
        self.pdf.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.pdf.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.pdf.foot = address
        self.pdf.set_title(self._written(f"Voicetell report: {prediction.clip.name}"))
        self.pdf.set_lang("en")
        self.pdf.add_page()
        self.address = address

    def verdict(self) -> None:
        """Write the head: what was said of which recording, and what it is worth."""
        pdf, prediction = self.pdf, self.prediction
        word, sentence, colour = WORDS[Verdict(prediction.verdict)]
        pdf.set_font("DejaVu", size=9)
        pdf.set_text_color(*SOFT)
        self._line("Voicetell: report of one recording")
        pdf.set_text_color(0, 0, 0)
        pdf.set_font("DejaVu", "B", 13)
        self._line(prediction.clip.name, height=7)
        pdf.set_font("DejaVu", "B", 26)
        pdf.set_text_color(*colour)
        self._line(word, height=13)
        pdf.set_text_color(0, 0, 0)
        pdf.set_font("DejaVu", size=10)
        share = prediction.probability
        odds = "" if share is None else f" Probability of FAKE: {100 * share:.1f} %."
        self._line(sentence + odds)
        confidence = confidence_of(prediction)
        if confidence:
            pdf.set_font("DejaVu", size=9)
            self._line(confidence.text)
        pdf.ln(3)

    def reasons(self) -> None:
        """Write why, and what limits it."""
        self._head("Reasons")
        for reason in self.prediction.reasons:
            code = reason["code"]
            words = reason_text(code, reason["params"]) if code in REASONS else code
            weight = f" ({reason['weight']:+.2f})" if reason["weight"] else ""
            mark = "Caution: " if code in CAUTIONS else ""
            self._line(f"• {mark}{words}{weight}")

    def facts(self) -> None:
        """Write what is known of the file, of the sound and of the run."""
        prediction, clip = self.prediction, self.prediction.clip
        version = prediction.model_version
        assert version is not None
        found = clip.facts
        self._table(
            "Recording",
            [
                ("File", clip.name),
                ("SHA-256", clip.sha256),
                ("Size", f"{clip.size:,} bytes"),
                ("Format", f"{found.get('container')} / {found.get('codec')}"),
                ("Sample rate", f"{found.get('sample_rate')} Hz"),
                ("Channels", str(found.get("channels"))),
                ("Duration", f"{found.get('duration', 0):.2f} s"),
                ("Received", _moment(clip.created_at)),
                *([("Audio erased", _moment(clip.erased_at))] if clip.erased_at else []),
            ],
        )
        measured = prediction.quality.items()
        self._table("Sound", [(key.replace("_", " "), f"{value:g}") for key, value in measured])
        self._table(
            "Verdict",
            [
                ("Model version", version.name),
                ("Feature schema", version.schema),
                ("Score", "none" if prediction.score is None else f"{prediction.score:+.3f}"),
                ("FAKE from", f"{prediction.threshold:.4f}"),
                ("REAL up to", f"{prediction.real_threshold:.4f}"),
                ("Judged", _moment(prediction.finished_at)),
                ("Report written", _moment(timezone.now())),
                ("Prediction", str(prediction.pk)),
                ("Address", self.address),
            ],
        )

    def text(self, title: str, words: str) -> None:
        """Write a paragraph."""
        self._head(title)
        self._line(words)

    def _head(self, title: str) -> None:
        self.pdf.ln(3)
        if self.pdf.will_page_break(WITH_HEAD_MM):
            self.pdf.add_page()
        self.pdf.set_font("DejaVu", "B", 11)
        self._line(title, height=6)
        self.pdf.set_font("DejaVu", size=9)

    def _table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        self._head(title)
        for name, value in rows:
            self.pdf.set_text_color(*SOFT)
            self.pdf.cell(38, 4.8, name)
            self.pdf.set_text_color(0, 0, 0)
            self._line(value)

    def _line(self, words: str, height: float = 4.8) -> None:
        self.pdf.multi_cell(
            0, height, self._written(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
        )

    def _written(self, words: str) -> str:
        """Name the characters that the font lacks, so that none is lost: ⟨4E2D⟩."""
        font = self.pdf.fonts["dejavu"]
        assert isinstance(font, TTFFont)
        known = font.cmap
        return "".join(
            char if ord(char) in known or char == "\n" else f"⟨{ord(char):04X}⟩" for char in words
        )


def _moment(when: object) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else "never"
