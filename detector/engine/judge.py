"""From a file to a judgement: every step of a clip's way, in order."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import BinaryIO

from detector.engine import explain, picture, quality, segments
from detector.engine.decode import Decoder
from detector.engine.model import Model, Scores, probability
from detector.engine.thresholds import thresholds_for
from detector.engine.types import (
    Audio,
    ClipFacts,
    Judgement,
    Reason,
    Segment,
    SegmentKind,
    Verdict,
)

LITTLE_SPEECH_S = 1.5
NARROW_BAND_HZ = 4200.0
CLIPPED_SHARE = 0.005


class Judge:
    """Judges clips with one model version.

    Parameters
    ----------
    decoder : Decoder
    model : Model
    """

    def __init__(self, decoder: Decoder, model: Model) -> None:
        self.decoder = decoder
        self.model = model

    def judge(
        self,
        source: bytes | BinaryIO | Path,
        *,
        sha256: str,
        max_seconds: float = 600,
        target_fpr: float | None = None,
    ) -> Judgement:
        """Decode, cut, score, decide and explain.

        Parameters
        ----------
        source : bytes, binary file or Path
            The file as it was sent.
        sha256 : str
            Of the file's content, carried into the judgement.
        max_seconds : float
            Longest clip to accept, in seconds.
        target_fpr : float, optional
            Wanted share of real clips called FAKE; None is the version's own threshold.

        Raises
        ------
        ClipError
            The file cannot be judged; the error says why.
        """
        clock = _Clock()
        audio = self.decoder.decode(source, max_seconds=max_seconds)
        clock.stop("decode")
        return self._judge(audio, sha256, clock, target_fpr)

    def judge_audio(self, audio: Audio, *, sha256: str) -> Judgement:
        """Judge a clip that is decoded already."""
        return self._judge(audio, sha256, _Clock())

    def _judge(
        self, audio: Audio, sha256: str, clock: "_Clock", target_fpr: float | None = None
    ) -> Judgement:
        threshold, real_threshold = thresholds_for(self.model.manifest, target_fpr)
        cut = segments.cut(audio.samples)
        measured = quality.measure(audio.samples) | {"speech_seconds": round(cut.speech_seconds, 2)}
        clock.stop("segments")
        windows = cut.speech_windows
        features = self.model.schema.compute(audio.samples, windows)
        clock.stop("features")
        drawn = picture.draw(audio.samples)
        clock.stop("picture")
        judged = partial(
            Judgement,
            threshold=threshold,
            real_threshold=real_threshold,
            quality=measured,
            facts=audio.facts,
            sha256=sha256,
            model_version=self.model.name,
            schema=self.model.schema.name,
            timings=clock.seconds,
            picture=drawn,
        )
        limits = _quality_reasons(measured, audio.facts)
        if not windows:
            return judged(
                verdict=Verdict.INCONCLUSIVE,
                probability=None,
                score=None,
                segments=cut.segments,
                reasons=(Reason("no_speech"), *limits),
            )
        raw = self.model.raw_scores(features)
        seconds = explain.covered_seconds(windows)
        score = float(self.model.llr(float(raw.mean()), seconds))
        share = float(probability(score))
        measured["novelty"] = round(self.model.novelty(features), 3)
        verdict, reasons = self._decide(share, measured["novelty"], threshold, real_threshold)
        scored = self._scored(cut.segments, raw)
        clock.stop("score")
        explanation = explain.explain(self.model, features, raw, windows)
        clock.stop("explain")
        return judged(
            verdict=verdict,
            probability=share,
            score=score,
            segments=scored,
            reasons=(*reasons, *explain.reasons(explanation), *limits),
            explanation=explanation,
        )

    def _decide(
        self, share: float, novelty: float, threshold: float, real_threshold: float
    ) -> tuple[Verdict, list[Reason]]:
        if share >= threshold:
            verdict, reason = Verdict.FAKE, Reason("score_above_threshold")
        elif share <= real_threshold:
            verdict, reason = Verdict.REAL, Reason("score_below_threshold")
        else:
            verdict, reason = Verdict.INCONCLUSIVE, Reason("score_between_thresholds")
        if novelty <= self.model.novelty_limit:
            return verdict, [reason]
        found = {"found": round(novelty, 2), "limit": round(self.model.novelty_limit, 2)}
        return Verdict.INCONCLUSIVE, [Reason("out_of_domain", params=found), reason]

    def _scored(self, cut: tuple[Segment, ...], raw: Scores) -> tuple[Segment, ...]:
        scores = iter(raw)
        scored = []
        for segment in cut:
            if segment.kind is SegmentKind.SPEECH:
                llr = float(self.model.llr(float(next(scores)), segment.end - segment.start))
                segment = replace(segment, score=llr, probability=float(probability(llr)))
            scored.append(segment)
        return tuple(scored)


def _quality_reasons(measured: dict[str, float], facts: ClipFacts) -> list[Reason]:
    found = []
    if 0 < measured["speech_seconds"] < LITTLE_SPEECH_S:
        found.append(Reason("little_speech", params={"found": measured["speech_seconds"]}))
    if measured["bandwidth_hz"] < NARROW_BAND_HZ:
        found.append(Reason("narrow_band", params={"found": measured["bandwidth_hz"]}))
    if measured["clipped_share"] > CLIPPED_SHARE:
        percent = round(100 * measured["clipped_share"], 1)
        found.append(Reason("clipped", params={"found": percent}))
    if facts.truncated:
        found.append(Reason("truncated"))
    return found


class _Clock:
    """Seconds of each step, in order."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def stop(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = now - self._last
        self._last = now
