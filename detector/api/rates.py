"""How many requests a token may make: counted in Redis by the minute."""

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken
from detector.wakeup import connection

if TYPE_CHECKING:  # the framework loads this module while its views are being loaded
    from rest_framework.views import APIView

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """Where a token stands in the current minute."""

    limit: int
    remaining: int
    reset: int
    """Seconds until the next minute."""

    @property
    def headers(self) -> dict[str, str]:
        """As in the IETF's draft "RateLimit header fields for HTTP"."""
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"token";r={self.remaining};t={self.reset}',
        }


class TokenRate(BaseThrottle):
    """Refuses what goes beyond `VOICETELL_RATE_LIMIT` a minute for one token or one session."""

    rate: Rate

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request; without Redis nobody is held back."""
        limit: int = settings.API_RATE_LIMIT
        if not limit or request.user is None:
            return True
        who = f"t{request.auth.pk}" if isinstance(request.auth, ApiToken) else f"u{request.user.pk}"
        now = time.time()
        minute = int(now // WINDOW_SECONDS)
        key = f"voicetell:rate:{who}:{minute}"
        try:
            with connection().pipeline(transaction=False) as both:
                both.incr(key)
                both.expire(key, WINDOW_SECONDS)
                count: int = both.execute()[0]
        except RedisError:
            log.warning("requests are not counted", exc_info=True)
            return True
        reset = int((minute + 1) * WINDOW_SECONDS - now) + 1
        self.rate = Rate(limit, max(0, limit - count), reset)
        request._request.rate = self.rate  # type: ignore[attr-defined]  # the middleware shows it
        return count <= limit

    def wait(self) -> float:
        """Return how long to wait, in seconds."""
        return self.rate.reset
