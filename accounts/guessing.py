"""Bad tokens, counted by the address that sends them.

A secret of 256 bits is not found by trying. What trying costs is work and noise: from some number
on an address is told to wait, and the log names it once a minute. A good token is never held back,
for behind one address may be a whole office with one forgotten program.
"""

import logging
import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from redis.exceptions import RedisError
from rest_framework.exceptions import Throttled

log = logging.getLogger(__name__)

_WINDOW_SECONDS = 60


def note_bad_token(request: HttpRequest) -> None:
    """Count a bad token; without Redis nobody is counted.

    Raises
    ------
    Throttled
        This address has sent too many in this minute.
    """
    most = settings.BAD_TOKENS_LIMIT
    if not most:
        return
    try:
        address = get_adapter().get_client_ip(request)
    except PermissionDenied:  # no address, as behind a socket: all such are one
        address = "unknown"
    minute, second = divmod(int(time.time()), _WINDOW_SECONDS)
    key = f"bad-tokens:{minute}:{address}"
    try:
        cache.add(key, 0, timeout=2 * _WINDOW_SECONDS)
        count = cache.incr(key)
    except (RedisError, ValueError):  # out of reach, or emptied between the two
        return
    if count == most + 1:
        log.warning("more than %d bad tokens in a minute from %s", most, address)
    if count > most:
        raise Throttled(wait=_WINDOW_SECONDS - second)
