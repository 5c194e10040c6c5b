"""Signatures in the form of Standard Webhooks (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from webhooks.models import Endpoint


def secret(salt: str) -> str:
    """Return the secret that belongs to a salt, as its receiver keeps it.

    Derived and not stored: a copy of the database alone signs nothing.
    """
    return "whsec_" + base64.b64encode(_key(salt)).decode()


def signed_headers(
    endpoint: Endpoint, message_id: str, body: bytes, now: datetime
) -> dict[str, str]:
    """Return the headers by which the receiver knows that the body is from here, and fresh."""
    timestamp = str(int(now.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    salts = [endpoint.salt]
    if endpoint.previous_until and endpoint.previous_until > now:
        salts.append(endpoint.previous_salt)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(salt, content) for salt in salts),
    }


def _key(salt: str) -> bytes:
    text = f"webhook secret {salt}"
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()


def _signature(salt: str, content: bytes) -> str:
    digest = hmac.new(_key(salt), content, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
