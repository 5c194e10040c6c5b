"""What the site is made of: apps, middleware, templates, words and time."""

from config.settings.environment import BASE_DIR, env
from config.stack.paths import secret_key

VERSION = "0.1.0"

DEBUG = env.switch("VOICETELL_DEBUG", "Django's debug pages; never on a machine that others reach")
SECRET_KEY = (
    env.text(
        "VOICETELL_SECRET_KEY",
        "signs sessions and hashes tokens; all hosts need the same",
        shown="made on first start, kept in the data folder",
    )
    or secret_key()
)
ALLOWED_HOSTS = env.words(
    "VOICETELL_ALLOWED_HOSTS",
    "host names under which the site answers",
    default=["localhost", "127.0.0.1", "[::1]"],
)
CSRF_TRUSTED_ORIGINS = env.words(
    "VOICETELL_TRUSTED_ORIGINS",
    "origins allowed to post forms, such as `https://voice.example.org`",
)
HTTPS = env.switch(
    "VOICETELL_HTTPS",
    "the site is reached over HTTPS through a proxy that sets `X-Forwarded-Proto`",
)
"""The site is reached over HTTPS (through a proxy that sets X-Forwarded-Proto)."""

INSTALLED_APPS = [
    "config",
    "accounts",
    "detector",
    "training",
    "webhooks",
    "operations",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.constance",
    "config.apps.PanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "constance",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "operations.middleware.ProbeMiddleware",
    "operations.middleware.RequestsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.defaults",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.OneTimePasswordMiddleware",
    "detector.api.middleware.AnswersMiddleware",
    "detector.api.idempotency.IdempotencyMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
            "libraries": {
                "voicetell": "detector.web.wording",
                "training": "training.web.words",
                "samples": "training.web.sample_words",
            },
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = env.text("VOICETELL_TIME_ZONE", "time zone of pages", default="UTC")
USE_TZ = True
USE_I18N = True
