"""Every setting, one module a subject. The table for operators is docs/settings.md."""

# ruff: noqa: F403 (Django reads settings as the names of one module)
from config.settings.api import *
from config.settings.clips import *
from config.settings.data import *
from config.settings.environment import *
from config.settings.logs import *
from config.settings.panel import *
from config.settings.people import *
from config.settings.safety import *
from config.settings.site import *
from config.settings.tasks import *
