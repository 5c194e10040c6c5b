"""What the beat asks for every few seconds so that no sample is lost."""

from datetime import timedelta

from detector.upkeep import BITE, send_lost_messages, take_up_expired_leases
from training.models import Extraction, Sample
from training.services import extraction
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
