"""No stranger writes in the log: what they send stays within the line that it belongs to."""

import logging
import logging.config

import pytest
from django.conf import settings


@pytest.fixture
def written():
    """Return a function that gives what the console shows of an event."""
    config = {**settings.LOGGING["formatters"]["text"]}
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(config)

    def write(message, *args, error=None):
        info = (type(error), error, error.__traceback__) if error else None
        record = logging.LogRecord("x", logging.WARNING, "x.py", 1, message, args, info)
        record.request_id = "-"
        return formatter.format(record)

    return write


FORGED = "a.wav\r\n2026-01-01 00:00:00 INFO [-] accounts: admin logged in\x1b[2K\u2028x\u202e"


def test_a_value_cannot_begin_a_line_or_paint_the_terminal(written):
    text = written("refused %s", FORGED)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    assert "a.wav\\r\\n2026-01-01" in text


def test_words_of_other_languages_are_left_alone(written):
    assert "refused слово 語.wav" in written("refused %s", "слово 語.wav")


def test_a_traceback_is_whole_and_cannot_pass_for_an_event(written):
    try:
        raise ValueError(FORGED)
    except ValueError as error:
        event, *trace = written("failed", error=error).splitlines()
    assert "failed" in event
    assert "|     raise ValueError(FORGED)" in trace
    assert all(line.startswith("| ") for line in trace)
