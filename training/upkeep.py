"""What the beat asks for every few seconds so that no sample and no archive is lost."""

from datetime import timedelta

from django.utils import timezone

from detector.upkeep import BITE, send_lost_messages, take_up_expired_leases
from training.models import Archive, ArchiveState, Extraction, Sample
from training.services import archives, extraction
from training.services.review import erase_audio

RESEND_BEHIND_A_QUEUE = timedelta(hours=1)


def sweep_samples() -> None:
    """Take up expired leases, lost messages, and audio that should be gone."""
    take_up_expired_leases(
        Sample.objects.filter(extraction=Extraction.RUNNING),
        give_back=extraction.give_back,
        fail=extraction.fail,
    )
    send_lost_messages(
        Sample.objects.filter(extraction=Extraction.QUEUED, deleted_at=None),
        send=extraction.send,
        queue="extract",
        behind_others=RESEND_BEHIND_A_QUEUE,
    )
    for sample in Sample.objects.filter(deleted_at__isnull=False).exclude(audio="")[:BITE]:
        erase_audio(sample)


def sweep_archives() -> None:
    """Take up expired leases, lost messages, and what need not be kept any longer."""
    take_up_expired_leases(
        Archive.objects.filter(state=ArchiveState.RUNNING),
        give_back=archives.give_back,
        fail=archives.fail,
    )
    send_lost_messages(
        Archive.objects.filter(state=ArchiveState.QUEUED),
        send=archives.send,
        queue="extract",
        behind_others=RESEND_BEHIND_A_QUEUE,
    )
    ended = Archive.objects.filter(state__in=[ArchiveState.DONE, ArchiveState.FAILED])
    for archive in ended.exclude(file="")[:BITE]:
        archives.erase_file(archive)
    forgotten = ended.filter(file="", created_at__lt=timezone.now() - archives.KEPT)
    forgotten.filter(pk__in=list(forgotten.values_list("pk", flat=True)[:BITE])).delete()
