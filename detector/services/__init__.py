"""Writes. A change of state is a function here, and nothing else changes one."""

from detector.services.erasure import delete_clip, erase_audio, expire_clips
from detector.services.filters import drop_filter, save_filter
from detector.services.intake import (
    NO_WISHES,
    Wishes,
    add_to_batch,
    close_batch,
    open_batch,
    rejudge,
    submit_batch,
    submit_clip,
)
from detector.services.life import (
    cancel,
    claim,
    fail,
    finish,
    give_back,
    postpone,
    queue_prediction,
    send,
)
from detector.services.sharing import note_share_opened, revoke_share, share

__all__ = [
    "NO_WISHES",
    "Wishes",
    "add_to_batch",
    "cancel",
    "claim",
    "close_batch",
    "delete_clip",
    "drop_filter",
    "erase_audio",
    "expire_clips",
    "fail",
    "finish",
    "give_back",
    "note_share_opened",
    "open_batch",
    "postpone",
    "queue_prediction",
    "rejudge",
    "revoke_share",
    "save_filter",
    "send",
    "share",
    "submit_batch",
    "submit_clip",
]
