"""Requests that are tried again where that is right, and problems as exceptions."""

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from voicetell_client.errors import ApiError, NotReachableError

AGAIN = (429, 502, 503, 504)
"""What may be different a moment later."""
LONGEST_PAUSE = 60.0


class Transport:
    """Sends requests of one token to one server.

    A POST carries an `Idempotency-Key`, the same at each try: so it can be tried again after a
    connection broke without anything being done twice.
    """

    def __init__(self, base_url: str, token: str, *, timeout: float, retries: int) -> None:
        address = base_url.rstrip("/")
        if not address.endswith("/api/v1"):
            address += "/api/v1"
        self._http = httpx.Client(
            base_url=address,
            timeout=timeout,
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "User-Agent": "voicetell-client",
            },
        )
        self._retries = retries

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        body: Callable[[], dict[str, Any]] = dict,
        patience: float = 0.0,
    ) -> httpx.Response:
        """Send a request and return the successful answer.

        Parameters
        ----------
        method, path : str
            What to ask; a path is below ``/api/v1``, or a whole address that the server gave.
        params : mapping, optional
            Parameters of the address.
        headers : dict, optional
            More headers.
        body : callable
            Gives httpx's keywords for the body, anew for each try: an open file is used up.
        patience : float
            Seconds for which the server may take its time, beyond the usual.

        Raises
        ------
        ApiError
            The server answered with a problem.
        NotReachableError
            It could not be reached.
        """
        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        usual = self._http.timeout.read or 0.0
        timeout = httpx.Timeout(usual, read=usual + patience)
        for number in range(self._retries + 1):
            is_last = number == self._retries
            try:
                response = self._http.request(
                    method, path, params=params, headers=sent, timeout=timeout, **body()
                )
            except httpx.TransportError as error:
                if is_last:
                    raise NotReachableError(f"{method} {path}: {error}") from error
                time.sleep(_pause(number, None))
                continue
            if _may_change(response) and not is_last:
                time.sleep(_pause(number, response.headers.get("Retry-After")))
                continue
            return _checked(response)
        raise AssertionError("unreachable")

    @contextmanager
    def stream(self, path: str, params: dict[str, Any]) -> Iterator[httpx.Response]:
        """Ask for something long and give it while it comes in."""
        with self._http.stream("GET", path, params=params, headers={"Accept": "*/*"}) as response:
            if not response.is_success:
                response.read()
            yield _checked(response)


def _may_change(response: httpx.Response) -> bool:
    """Whether another try may get another answer."""
    # The first try is still being worked on, though its connection broke.
    is_in_flight = response.status_code == 409 and "idempotency_in_flight" in response.text
    return response.status_code in AGAIN or is_in_flight


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        body = response.json()
    except ValueError:  # a proxy's page, say
        body = {}
    raise ApiError(response.status_code, body if isinstance(body, dict) else {})


def _pause(number: int, retry_after: str | None) -> float:
    """Return how long to wait before the next try: what the server asks for, or ever longer."""
    if retry_after and retry_after.isdecimal():
        return min(float(retry_after), LONGEST_PAUSE)
    return min(0.5 * 2.0**number, LONGEST_PAUSE) * random.uniform(0.75, 1.25)  # noqa: S311 - spread
