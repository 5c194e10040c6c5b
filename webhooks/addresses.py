"""Where a delivery may go: never into this server's own network, unless the operator says so."""

import re
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult

from django.conf import settings

Address = IPv4Address | IPv6Address

URL_PATTERN = (
    r"^https?://"
    r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?"
    r"(:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}))?"
    r"([/?][!\"$-~]*)?$"
)
"""A name or IPv4 address, a port, a path: no user names, no fragments, nothing to be encoded."""

_NAT64 = IPv6Network("64:ff9b::/96")


class RefusedError(Exception):
    """The target is not one that this server sends to; the text says why."""


def check_url(url: str) -> str:
    """Return what is wrong with the form of a URL, or nothing.

    Where its name leads is checked with each delivery: it may lead elsewhere tomorrow.
    """
    if re.fullmatch(URL_PATTERN, url):
        return ""
    if not url.startswith(("https://", "http://")):
        return "The address must begin with https:// (or http:// inside your own network)."
    return "This is not the address of a web server, or it holds a user name or a fragment (#)."


def permitted_addresses(parts: SplitResult) -> Iterator[tuple[Address, int]]:
    """Resolve a URL's host, once, and yield the addresses (and port) that may be connected to.

    Whoever connects must connect to one of these very addresses: asking the name again could
    give another answer.

    Raises
    ------
    RefusedError
        There is none, or the name leads nowhere.
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedError("The host name cannot be resolved.") from error
    # An IPv6 address may carry its zone: fe80::1%eth0.
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    permitted = [address for address in addresses if _is_listed(address)]
    if not permitted:
        public = [address for address in addresses if _is_public(address)]
        if not public:
            raise RefusedError("The host is in a private network, to which nothing is sent.")
        if parts.scheme != "https":
            raise RefusedError("On the internet only https:// is used.")
        permitted = public
    yield from ((address, port) for address in permitted)


def _is_listed(address: Address) -> bool:
    """Whether the operator has opened the network that it really belongs to."""
    real = _embedded(address) or address
    return any(real in network for network in settings.WEBHOOK_NETWORKS)


def _is_public(address: Address) -> bool:
    real = _embedded(address) or address
    return real.is_global and not real.is_multicast


def _embedded(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)
