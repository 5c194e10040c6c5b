"""The log says what happened: no secret is in it, and no stranger writes in it."""

import http.cookiejar
import json
import logging
import re
import urllib.parse
import urllib.request

import pytest
from django.conf import settings
from django.utils.log import configure_logging  # noqa: F401 - see below

from tests.e2e import processes
from tests.factories import PASSWORD


def line_of(message, error=None):
    """A record as the console shows it."""
    config = settings.LOGGING["formatters"]["plain"]
    record = logging.makeLogRecord(
        {"msg": message, "name": "x", "levelname": "INFO", "request_id": "-"}
    )
    if error:
        record.exc_info = (type(error), error, None)
    formatter = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(config))
    return formatter.format(record)
