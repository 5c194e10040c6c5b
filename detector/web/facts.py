"""What is known of a clip and of how it was judged, as labels and values to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from detector.models import Clip, Prediction
from detector.selectors import kept_until
from detector.web.timeline import percent


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts."""

    label: str | Promise
    value: str
    url: str = ""


def clip_facts(clip: Clip) -> list[Fact]:
    """Return what the file is; what only decoding tells is left out until then."""
    found = [Fact(_("Size"), filesizeformat(clip.size)), *_retention(clip)]
    facts = clip.facts
    if not facts:
        return [Fact(_("Format"), clip.container.upper()), *found]
    channels = facts["channels"]
    return [
        Fact(_("Length"), seconds(facts["duration"])),
        Fact(_("Format"), _format(facts["container"], facts["codec"])),
        Fact(_("Sample rate"), f"{facts['sample_rate'] / 1000:g} kHz"),
        Fact(
            _("Channels"),
            {1: _("mono"), 2: _("stereo")}.get(
                channels, ngettext("%d channel", "%d channels", channels) % channels
            ),
        ),
        *found,
    ]


def _retention(clip: Clip) -> Iterator[Fact]:
    if not clip.keep_audio:
        yield Fact(_("Recording"), _("not kept after the verdict"))
    if until := kept_until(clip):
        yield Fact(_("Deletes itself"), date_format(localtime(until), "DATETIME_FORMAT"))


def _format(container: str, codec: str) -> str:
    return container.upper() if container == codec else f"{container.upper()}, {codec}"


QUALITY: dict[str, tuple[str | Promise, Callable[[float], str]]] = {
    "speech_seconds": (gettext_lazy("Speech"), lambda value: seconds(value)),
    "level_dbfs": (gettext_lazy("Level"), lambda value: f"{value:.1f} dBFS"),
    "bandwidth_hz": (gettext_lazy("Bandwidth"), lambda value: f"{value / 1000:.1f} kHz"),
    "clipped_share": (gettext_lazy("Clipped samples"), lambda value: f"{100 * value:.2f} %"),
    "novelty": (gettext_lazy("Novelty"), lambda value: f"{value:.2f}"),
}


def quality_facts(quality: dict[str, float]) -> list[Fact]:
    """Return what was measured of the sound."""
    return [
        Fact(label, write(quality[key]))
        for key, (label, write) in QUALITY.items()
        if key in quality
    ]


TIMINGS: dict[str, str | Promise] = {
    "decode": gettext_lazy("decoding"),
    "segments": gettext_lazy("cutting"),
    "features": gettext_lazy("measuring"),
    "picture": gettext_lazy("drawing"),
    "score": gettext_lazy("scoring"),
}


def run_facts(prediction: Prediction) -> list[Fact]:
    """Return which model judged, by which rule, and how long it took."""
    found: list[Fact] = []
    version = prediction.model_version
    if version and prediction.threshold is not None and prediction.real_threshold is not None:
        found += [
            Fact(_("Model version"), version.name, reverse("training:version", args=[version.pk])),
            Fact(_("Feature schema"), version.schema),
            Fact(_("Called synthetic from"), percent(prediction.threshold)),
            Fact(_("Called human up to"), percent(prediction.real_threshold)),
        ]
    if prediction.started_at and prediction.finished_at:
        waited = (prediction.started_at - prediction.created_at).total_seconds()
        took = (prediction.finished_at - prediction.started_at).total_seconds()
        found += [Fact(_("Waited"), seconds(waited)), Fact(_("Judged in"), seconds(took))]
    timings: dict[str, float] = prediction.timings
    steps = [(name, timings[key]) for key, name in TIMINGS.items() if key in timings]
    if steps:
        found.append(
            Fact(_("Of which"), ", ".join(f"{name} {1000 * took:.0f} ms" for name, took in steps))
        )
    return found


def seconds(value: float) -> str:
    """Write a span of time."""
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"
