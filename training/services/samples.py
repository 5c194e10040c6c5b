"""Writes: how a sample gets in, and what people say of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from tempfile import TemporaryFile

from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import record
from detector.engine.errors import ClipError
from detector.engine.types import Verdict
from detector.models import Prediction
from detector.uploads import clean_name, examine, store
from training.manifest import MANIFEST_BYTES, About, read_manifest
from training.models import Label, Origin, Sample, SampleOpinion, SampleState
from training.selectors.samples import find_by_content
from training.services.extraction import send

TRUTH_OF = {Verdict.REAL: Label.REAL, Verdict.FAKE: Label.FAKE}
"""The label that a verdict claims."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file to add."""

    file: "File[bytes]"
    name: str
    about: About


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a sample, or a problem."""

    name: str
    sample: Sample | None = None
    is_new: bool = False
    error: ClipError | None = None


def add_sample(
    *,
    actor: User,
    entry: Entry,
    origin: str,
    prediction: Prediction | None = None,
    note: str = "",
    confirmed: bool = False,
) -> Outcome:
    """Keep a labelled clip and queue the work on its audio.

    The same bytes are kept once: added again they are answered with the sample that is there, and
    the label counts as the person's opinion of it.

    Parameters
    ----------
    confirmed : bool
        Whether the actor, who may, vouches for the label; else the sample waits for review.

    Raises
    ------
    ClipError
        ``file_too_large``, ``empty_file``, ``unsupported_format``, ``storage_unavailable``, and
        those of `About.check`.
    """
    entry.about.check()
    upload = examine(entry.file)
    name = clean_name(entry.name)
    existing = find_by_content(upload.sha256)
    if existing:
        give_opinion(sample=existing, person=actor, label=entry.about.label, note=note)
        return Outcome(name, existing)
    sample = Sample(
        added_by=actor,
        origin=origin,
        prediction=prediction,
        name=name,
        size=upload.size,
        sha256=upload.sha256,
        container=upload.container,
        **asdict(entry.about),
    )
    if confirmed:
        sample.state = SampleState.CONFIRMED
        sample.decided_by, sample.decided_at = actor, timezone.now()
    store(sample.audio, f"{sample.pk}.{upload.container}", entry.file)
    try:
        sample.clean_fields()
        with transaction.atomic():
            sample.save(force_insert=True)
            SampleOpinion.objects.create(sample=sample, person=actor, label=sample.label, note=note)
            record(
                actor=actor,
                action="sample.added",
                target=str(sample.pk),
                details={"label": sample.label, "origin": origin, "confirmed": confirmed},
            )
            transaction.on_commit(partial(send, sample.pk))
    except BaseException as error:
        sample.audio.delete(save=False)
        first = find_by_content(upload.sha256) if isinstance(error, IntegrityError) else None
        if first is None:
            raise
        give_opinion(sample=first, person=actor, label=entry.about.label, note=note)
        return Outcome(name, first)
    return Outcome(name, sample, is_new=True)


def add_samples(
    *, actor: User, entries: Iterable[Entry], origin: str, confirmed: bool = False
) -> list[Outcome]:
    """Add files one by one: a refused one is answered by itself, the others are kept."""
    outcomes = []
    for entry in entries:
        try:
            outcome = add_sample(actor=actor, entry=entry, origin=origin, confirmed=confirmed)
        except ClipError as error:
            outcome = Outcome(clean_name(entry.name), error=error)
        outcomes.append(outcome)
    return outcomes


def add_described(
    *,
    actor: User,
    files: "Sequence[File[bytes]]",
    manifest: "File[bytes]",
    origin: str,
    confirmed: bool = False,
) -> list[Outcome]:
    """Add files as a manifest that came with them describes them, by their names.

    Raises
    ------
    ClipError
        ``manifest_unreadable``.
    """
    if manifest.size > MANIFEST_BYTES:
        raise ClipError("manifest_unreadable", found="it is too long")
    with TemporaryFile() as copy:
        for chunk in manifest.chunks():
            copy.write(chunk)
        copy.seek(0)
        described = read_manifest(copy)
    outcomes = []
    for file in files:
        name = file.name or ""
        about = described.get(name)
        if about:
            entries = [Entry(file, name, about)]
            outcomes += add_samples(
                actor=actor, entries=entries, origin=origin, confirmed=confirmed
            )
        else:
            outcomes.append(Outcome(clean_name(name), error=ClipError("not_in_manifest")))
    return outcomes


@transaction.atomic
def give_opinion(*, sample: Sample, person: User, label: str, note: str = "") -> None:
    """Keep what a person says that a sample is, in place of what they said before."""
    locked = Sample.objects.select_for_update().get(pk=sample.pk)
    SampleOpinion.objects.update_or_create(
        sample=locked,
        person=person,
        defaults={"label": label, "note": note[:1000], "at": timezone.now()},
    )
    said = set(locked.opinions.values_list("label", flat=True))
    sample.people_disagree = locked.people_disagree = len(said) > 1
    locked.save(update_fields=["people_disagree"])


def report_wrong_verdict(
    *, prediction: Prediction, actor: User, label: str, note: str = "", generator: str = ""
) -> Outcome:
    """Keep a copy of a judged clip, with what it really is, for somebody to review.

    Raises
    ------
    ClipError
        ``not_judged``, ``not_a_correction`` where the label is what the verdict says,
        ``audio_erased``, and those of `add_sample`.
    """
    if not prediction.verdict:
        raise ClipError("not_judged")
    if TRUTH_OF.get(Verdict(prediction.verdict)) == label:
        raise ClipError("not_a_correction", found=prediction.verdict)
    return add_judged_clip(
        prediction=prediction, actor=actor, label=label, note=note, generator=generator
    )


def add_judged_clip(
    *, prediction: Prediction, actor: User, label: str, note: str = "", generator: str = ""
) -> Outcome:
    """Keep a copy of a clip of the history as a sample, for somebody to review.

    Raises
    ------
    ClipError
        ``audio_erased``, and those of `add_sample`.
    """
    clip = prediction.clip
    if clip.deleted_at or not clip.audio:
        raise ClipError("audio_erased")
    try:
        audio = clip.audio.open("rb")
    except FileNotFoundError as error:
        raise ClipError("audio_erased") from error
    with audio:
        return add_sample(
            actor=actor,
            entry=Entry(audio, clip.name, About(label=label, generator=generator)),
            origin=Origin.FEEDBACK,
            prediction=prediction,
            note=note,
        )


@transaction.atomic
def describe_sample(*, sample: Sample, actor: User, **about: str) -> None:
    """Change what is known of a sample beside its label (`About`'s other fields)."""
    changed = {name: value for name, value in about.items() if getattr(sample, name) != value}
    if not changed:
        return
    About(label=sample.label, **about).check()
    Sample.objects.filter(pk=sample.pk).update(**changed)
    record(actor=actor, action="sample.described", target=str(sample.pk), details=dict(changed))
