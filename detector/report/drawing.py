"""The picture of a clip in its report: waveform, spectrogram and segments over one axis of time."""

from io import BytesIO
from itertools import pairwise

from fpdf import FPDF

from detector.engine.types import SegmentKind
from detector.models import ClipPicture, Prediction

FAKE = (176, 58, 30)
REAL = (24, 110, 92)
OPEN = (138, 109, 24)
SOFT = (120, 124, 130)
PALE = (228, 230, 233)

WAVE_MM = 18.0
SPECTROGRAM_MM = 30.0
SEGMENTS_MM = 30.0
STEPS = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)


def draw(pdf: FPDF, prediction: Prediction, picture: ClipPicture | None) -> None:
    """Draw it over the whole width, from where the page stands now."""
    duration = float(prediction.clip.facts.get("duration", 0.0))
    if picture is not None:
        _waveform(pdf, bytes(picture.peaks))
        _spectrogram(pdf, bytes(picture.spectrogram))
    if prediction.segments and duration > 0:
        _segments(pdf, prediction, duration)
        _axis(pdf, duration)


def _waveform(pdf: FPDF, peaks: bytes) -> None:
    top, width = pdf.get_y(), pdf.epw / max(1, len(peaks))
    pdf.set_fill_color(*SOFT)
    for place, peak in enumerate(peaks):
        height = max(0.2, peak / 255 * WAVE_MM)
        pdf.rect(
            pdf.l_margin + place * width, top + (WAVE_MM - height) / 2, width, height, style="F"
        )
    pdf.set_y(top + WAVE_MM + 1)


def _spectrogram(pdf: FPDF, png: bytes) -> None:
    top = pdf.get_y()
    pdf.image(
        BytesIO(png),
        x=pdf.l_margin,
        y=top,
        w=pdf.epw,
        h=SPECTROGRAM_MM,
        alt_text="Spectrogram, 0 to 8 kHz from bottom to top.",
    )
    pdf.set_y(top + SPECTROGRAM_MM + 2)


def _segments(pdf: FPDF, prediction: Prediction, duration: float) -> None:
    """Draw the probability of every scored window, and grey where none was scored."""
    assert prediction.threshold is not None
    assert prediction.real_threshold is not None
    top = pdf.get_y()
    scale = pdf.epw / duration
    middles = [(segment["start"] + segment["end"]) / 2 for segment in prediction.segments]
    between = [(one + other) / 2 for one, other in pairwise(middles)]
    edges = [0.0, *between, duration]
    for segment, (left, right) in zip(prediction.segments, pairwise(edges), strict=True):
        x, width = pdf.l_margin + left * scale, (right - left) * scale
        if segment["kind"] != SegmentKind.SPEECH:
            pdf.set_fill_color(*PALE)
            pdf.rect(x, top, width, SEGMENTS_MM, style="F")
            continue
        share = segment["probability"]
        colour = OPEN
        if share >= prediction.threshold:
            colour = FAKE
        elif share <= prediction.real_threshold:
            colour = REAL
        pdf.set_fill_color(*colour)
        height = max(0.5, share * SEGMENTS_MM)
        pdf.rect(x, top + SEGMENTS_MM - height, width, height, style="F")
    lines = {"FAKE from": prediction.threshold, "REAL to": prediction.real_threshold}
    for words, level in lines.items():
        y = top + (1 - level) * SEGMENTS_MM
        pdf.set_draw_color(*SOFT)
        pdf.set_dash_pattern(dash=1, gap=1)
        pdf.line(pdf.l_margin, y, pdf.l_margin + pdf.epw, y)
        pdf.set_dash_pattern()
        pdf.set_font_size(7)
        pdf.text(pdf.l_margin + 1, y - 0.6, f"{words} {100 * level:.0f} %")
    pdf.set_draw_color(*SOFT)
    pdf.rect(pdf.l_margin, top, pdf.epw, SEGMENTS_MM)
    pdf.set_y(top + SEGMENTS_MM)


def _axis(pdf: FPDF, duration: float) -> None:
    step = next((step for step in STEPS if duration / step <= 8), STEPS[-1])
    top = pdf.get_y()
    pdf.set_font_size(7)
    for place in range(int(duration / step) + 1):
        seconds = place * step
        x = pdf.l_margin + seconds / duration * pdf.epw
        pdf.line(x, top, x, top + 1)
        label = f"{int(seconds // 60)}:{seconds % 60:04.1f}".removesuffix(".0")
        pdf.text(min(x, pdf.l_margin + pdf.epw - 6), top + 3.6, label)
    pdf.set_y(top + 6)
