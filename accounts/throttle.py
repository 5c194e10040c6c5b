"""How often a password may be guessed.

Counted in Redis per address and sender. Somebody who guesses from many senders at once is not
held back by this; whoever runs the site on the internet limits that at the proxy.
"""

import hashlib
import logging

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

ATTEMPTS = 10
WINDOW_SECONDS = 15 * 60


def may_try(email: str, sender: str) -> bool:
    """Count a try to log in, and tell whether it may go on to the password check.

    Without Redis nobody is locked out: the password check itself still stands.
    """
    key = _key(email, sender)
    try:
        cache.add(key, 0, WINDOW_SECONDS)
        return cache.incr(key) <= ATTEMPTS
    except (RedisError, ValueError):  # ValueError: the window ended between the two calls
        log.warning("log-in tries are not counted", exc_info=True)
        return True


def forget(email: str, sender: str) -> None:
    """Forget the tries after a log-in that worked."""
    try:
        cache.delete(_key(email, sender))
    except RedisError:
        log.warning("log-in tries are not forgotten", exc_info=True)


def _key(email: str, sender: str) -> str:
    who = f"{email.strip().lower()} {sender}"
    return f"login:{hashlib.sha256(who.encode()).hexdigest()}"
