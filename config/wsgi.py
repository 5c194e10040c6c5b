"""Entry point of the web server."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Load the views now. What is loaded stays: the collector need not look through it again and again,
# which stops all requests of this process for more than a tenth of a second.
get_resolver().url_patterns  # noqa: B018 - the look loads them
gc.collect()
gc.freeze()
