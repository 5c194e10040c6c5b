"""A client of Voicetell: is this voice a person or a machine?"""

from voicetell_client.client import Client
from voicetell_client.errors import (
    ApiError,
    NotReachableError,
    TooLongError,
    VoicetellError,
)
from voicetell_client.models import Fault, Prediction, Reason, Segment
from voicetell_client.webhooks import WebhookError, WebhookEvent, verify_webhook

__all__ = [
    "ApiError",
    "Client",
    "Fault",
    "NotReachableError",
    "Prediction",
    "Reason",
    "Segment",
    "TooLongError",
    "VoicetellError",
    "WebhookError",
    "WebhookEvent",
    "verify_webhook",
]
