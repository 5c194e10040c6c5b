"""Checking that a webhook is from the server and fresh (Standard Webhooks)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voicetell_client.errors import VoicetellError


class WebhookError(VoicetellError):
    """The message is not from the server, or too old. Answer 400 and do nothing."""


@dataclass(frozen=True)
class WebhookEvent:
    """A message that was checked. It may come twice: remember `id`."""

    id: str
    type: str
    timestamp: str
    data: dict[str, Any]


def verify_webhook(
    secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: float = 300.0
) -> WebhookEvent:
    """Check a message and return what it says.

    Parameters
    ----------
    secret : str
        ``whsec_...``, as it was shown when the endpoint was made.
    headers : mapping
        The request's headers, in any case.
    body : bytes
        The request's body, exactly as it came in.
    tolerance : float
        Seconds by which the message may be old, or your clock wrong.

    Raises
    ------
    WebhookError
        It is not signed with the secret, or not fresh.
    """
    found = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp = found["webhook-id"], found["webhook-timestamp"]
        signatures = found["webhook-signature"].split()
        moment = int(timestamp)
    except (KeyError, ValueError):
        raise WebhookError("The headers of a webhook are missing.") from None
    if abs(time.time() - moment) > tolerance:
        raise WebhookError("The message is too old, or a clock is wrong.")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, content, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures):
        raise WebhookError("No signature fits.")
    message = json.loads(body)
    return WebhookEvent(message_id, message["type"], message["timestamp"], message["data"])
