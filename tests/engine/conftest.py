"""What the tests of the engine share."""

from collections.abc import Iterator

import pytest

from detector.engine.decode import Decoder


@pytest.fixture(scope="session")
def decoder() -> Iterator[Decoder]:
    """One decoder for all tests, as a worker has one for all clips."""
    with Decoder() as decoder:
        yield decoder
