"""Every setting, read in this one place. The table for operators is docs/settings.md."""

from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from unfold.contrib.constance.settings import UNFOLD_CONSTANCE_ADDITIONAL_FIELDS
from whitenoise.compress import Compressor

from config.stack.paths import (
    data_dir,
    embedded_database_url,
    embedded_redis_url,
    secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

# FileAwareEnv also accepts NAME_FILE, the path of a file that holds the value.
env = environ.FileAwareEnv()

DEBUG = env.bool("VOICETELL_DEBUG", default=False)
SECRET_KEY = env.str("VOICETELL_SECRET_KEY", default="") or secret_key()
ALLOWED_HOSTS = env.list("VOICETELL_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("VOICETELL_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("VOICETELL_HTTPS", default=False)
"""The site is reached over HTTPS (through a proxy that sets X-Forwarded-Proto)."""

INSTALLED_APPS = [
    "config",
    "accounts",
    "detector",
    "training",
    "webhooks",
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
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.permissions_policy",
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

# --- data -------------------------------------------------------------------------------------

DATABASES = {
    "default": {
        **env.db_url_config(env.str("DATABASE_URL", default="") or embedded_database_url()),
        "CONN_HEALTH_CHECKS": True,
    }
}
# Web threads come and go; a small pool a process keeps PostgreSQL's connections few.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "pool", {"min_size": 0, "max_size": env.int("VOICETELL_DB_POOL", default=8), "timeout": 10}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="") or embedded_redis_url()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "voicetell",
    }
}

MEDIA_ROOT = Path(env.str("VOICETELL_MEDIA", default=str(BASE_DIR / "media")))
MODEL_CACHE = data_dir() / "models"
"""Where workers keep verified copies of model artifacts."""
SHIPPED_MODEL = BASE_DIR / "fixtures" / "model"
BASE_TABLE = Path(
    env.str("VOICETELL_BASE_TABLE", default=str(BASE_DIR / "fixtures" / "base_features.npz"))
)
"""Features of the base corpus, which a run learns from beside a team's own samples."""
RUNS_FOLDER = data_dir() / "runs"
"""Where a training run keeps what it has finished, until it ends."""
TRAIN_JOBS = env.int("VOICETELL_TRAIN_JOBS", default=1)
"""Processes that fit at a time."""
DASK_SCHEDULER = env.str("VOICETELL_DASK_SCHEDULER", default="")
"""Address of a Dask scheduler whose workers fit instead, such as `tcp://host:8786`."""
FIXTURE_CLIPS = BASE_DIR / "fixtures" / "clips"


def _storage(url: str) -> dict[str, object]:
    """Turn STORAGE_URL (``file:///path`` or ``s3://bucket/prefix``) into a storage."""
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o600},
        }
    scheme, _, rest = url.partition("://")
    if scheme == "file":
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": rest, "file_permissions_mode": 0o600},
        }
    if scheme == "s3":
        bucket, _, prefix = rest.partition("/")
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "location": prefix,
                "default_acl": None,
                "signature_version": "s3v4",
            },
        }
    raise environ.ImproperlyConfigured(f"STORAGE_URL: unknown scheme {scheme!r} (file or s3)")


STORAGES = {
    "default": _storage(env.str("STORAGE_URL", default="")),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = data_dir() / "static"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are most of what there is, are hardly ever asked for, and slow to compress.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")

# --- people -----------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
SIGNUP = env.str("VOICETELL_SIGNUP", default="invitation")
"""Who may make an account: nobody (`closed`), who was invited (`invitation`), anybody (`open`)."""
SENDS_MAIL = bool(env.str("EMAIL_URL", default=""))
if SENDS_MAIL:
    vars().update(env.email_url("EMAIL_URL"))
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("VOICETELL_EMAIL_FROM", default="voicetell@localhost")
if SIGNUP not in ("closed", "invitation", "open"):
    raise environ.ImproperlyConfigured("VOICETELL_SIGNUP is closed, invitation or open")
if SIGNUP == "open" and not SENDS_MAIL:
    raise environ.ImproperlyConfigured(
        "VOICETELL_SIGNUP=open needs EMAIL_URL: addresses are confirmed by e-mail"
    )
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "accounts.forms.ChangePasswordForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if SIGNUP == "open" else "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Voicetell] "
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_SESSION_REMEMBER = True
# Per address too: whoever guesses from many machines at once is held back as well.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/15m/ip,10/15m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("VOICETELL_TRUSTED_PROXIES", default=0)
"""Proxies before the site whose X-Forwarded-For tells who asks."""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Voicetell"
# Where the server sends no e-mail, no address can be confirmed.
MFA_ALLOW_UNVERIFIED_EMAIL = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ADMIN_EMAIL = env.str("VOICETELL_ADMIN_EMAIL", default="admin@localhost")
ADMIN_PASSWORD = env.str("VOICETELL_ADMIN_PASSWORD", default="")
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

# --- clips ------------------------------------------------------------------------------------

MAX_UPLOAD_BYTES = env.int("VOICETELL_MAX_UPLOAD_MB", default=100) * 1024 * 1024
MAX_CLIP_SECONDS = env.int("VOICETELL_MAX_CLIP_SECONDS", default=600)
MAX_QUEUED_PER_USER = env.int("VOICETELL_MAX_QUEUED_PER_USER", default=1000)
MAX_BATCH_FILES = env.int("VOICETELL_MAX_BATCH_FILES", default=100)
MAX_BATCH_BYTES = env.int("VOICETELL_MAX_BATCH_MB", default=1000) * 1024 * 1024
PREDICT_WAIT_SECONDS = env.float("VOICETELL_PREDICT_WAIT_SECONDS", default=10.0)
"""How long `/predict` waits for the verdict before it answers 202."""
LEASE_SECONDS = 30
"""How long a worker owns a prediction. Task and decoder limits below are shorter, so that a
lease never ends under a living worker."""
MAX_ATTEMPTS = 3
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_BATCH_FILES

# --- webhooks ---------------------------------------------------------------------------------

WEBHOOK_NETWORKS = [ip_network(text) for text in env.list("VOICETELL_WEBHOOK_NETWORKS", default=[])]
"""Networks to which webhooks may go although they are not public; nothing else of that kind."""

# --- tasks ------------------------------------------------------------------------------------

CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    if REDIS_URL.startswith("unix://")
    else REDIS_URL
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "predict"
CELERY_TASK_ROUTES = {
    # The worker that trains is busy for minutes at a time, and predictions must not wait.
    "training.extract": {"queue": "extract"},
    "training.features": {"queue": "extract"},
    "training.second_opinion": {"queue": "extract"},
    "training.advance_rejudgings": {"queue": "upkeep"},
    "training.sweep_samples": {"queue": "upkeep"},
    "training.sweep_runs": {"queue": "upkeep"},
    "training.*": {"queue": "train"},
    # Never behind clips: it takes up what was lost, and most is lost when the queue is long.
    "detector.sweep": {"queue": "upkeep"},
    # Mostly waiting for other people's servers, which no clip should wait for.
    "webhooks.*": {"queue": "upkeep"},
    "accounts.*": {"queue": "upkeep"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 28
CELERY_TASK_SOFT_TIME_LIMIT = 25
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A process warms up before it says that it is up; on a busy machine that takes longer than
# Celery's 4 seconds, after which it would be killed and started again without end.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep-runs": {"task": "training.sweep_runs", "schedule": 5.0, "options": {"expires": 5.0}},
    "sweep": {"task": "detector.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
    "sweep-samples": {
        "task": "training.sweep_samples",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "rejudgings": {
        "task": "training.advance_rejudgings",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "webhooks": {"task": "webhooks.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
}

# --- settings that an administrator may change while the site runs -----------------------------

CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_SUPERUSER_ONLY = True
CONSTANCE_ADDITIONAL_FIELDS = {
    **UNFOLD_CONSTANCE_ADDITIONAL_FIELDS,
    "percent": [
        "django.forms.IntegerField",
        {
            "widget": "unfold.widgets.UnfoldAdminIntegerFieldWidget",
            "min_value": 0,
            "max_value": 100,
        },
    ],
    "rate": [
        "django.forms.FloatField",
        {
            "widget": "unfold.widgets.UnfoldAdminTextInputWidget",
            "min_value": 0.001,
            "max_value": 0.2,
        },
    ],
    "signup": [
        "django.forms.ChoiceField",
        {
            "widget": "unfold.widgets.UnfoldAdminSelectWidget",
            "choices": [
                ("as set", "as VOICETELL_SIGNUP says"),
                ("invitation", "by invitation only"),
                ("closed", "closed"),
            ],
        },
    ],
}
CONSTANCE_CONFIG = {
    "SIGNUP": (
        "as set",
        "Who may make an account; never more than VOICETELL_SIGNUP says.",
        "signup",
    ),
    "SHADOW_PERCENT": (100, "Of judged clips, how many in 100 a challenger scores too.", "percent"),
    "TARGET_FPR": (
        0.02,
        "Share of real clips that a new version may call FAKE, where a run does not say: 0 to 1.",
        "rate",
    ),
}

UNFOLD = {
    "SITE_TITLE": "Voicetell",
    "SITE_HEADER": "Voicetell",
    "SITE_SUBHEADER": "Admin panel",
    "SITE_URL": "/",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("img/favicon.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    # The site's blue, from light to dark: `--link` of static/css/tokens.css and around it.
    "COLORS": {
        "primary": {
            "50": "#eef3fc",
            "100": "#dbe6f9",
            "200": "#bdd2f5",
            "300": "#93b7ff",
            "400": "#6f97e6",
            "500": "#4874cc",
            "600": "#1f4fa3",
            "700": "#1b458f",
            "800": "#183a76",
            "900": "#16325f",
            "950": "#0f2140",
        }
    },
    "SIDEBAR": {"show_search": True, "show_all_applications": True},
}

# --- API --------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["detector.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "detector.api.problems.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_THROTTLE_CLASSES": ["detector.api.rates.TokenRate"],
    # `?format=` belongs to the export of the history.
    "URL_FORMAT_OVERRIDE": None,
}
API_RATE_LIMIT = env.int("VOICETELL_RATE_LIMIT", default=6000)
"""Requests that one token may make in a minute; 0 is no limit."""

CORS_ALLOWED_ORIGINS = env.list("VOICETELL_CORS_ORIGINS", default=[])
"""Origins whose pages may call the API with a token. None is no CORS at all."""
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-disposition",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "prefer",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]
if CORS_ALLOWED_ORIGINS:
    INSTALLED_APPS.append("corsheaders")
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")

SPECTACULAR_SETTINGS = {
    "TITLE": "Voicetell",
    "DESCRIPTION": "Is this voice a person or a machine? Verdicts with calibrated probabilities.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v[0-9]+",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "detector.api.schema.manners",
    ],
    "ENUM_NAME_OVERRIDES": {
        "Verdict": "detector.engine.types.Verdict",
        "PredictionStatus": "detector.models.Status",
        "PredictionOrigin": "detector.models.PredictionOrigin",
        "BatchStatus": "detector.api.serializers.BatchStatus",
        "SampleLabel": "training.models.Label",
        "SampleState": "training.models.SampleState",
        "SampleOrigin": "training.models.Origin",
        "SampleExtraction": "training.models.Extraction",
        "RunState": "training.models.RunState",
        "ModelType": "training.models.ModelType",
        "SearchSize": "training.models.SearchSize",
        "PromotePolicy": "training.models.PromotePolicy",
    },
}

# --- safety -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, "blob:"],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# --- words and time ---------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("VOICETELL_TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s"},
    },
    "filters": {"request_id": {"()": "config.request_id.RequestIdFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["request_id"],
        }
    },
    # It tells every table of every font that it puts into a report.
    "loggers": {"fontTools": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.str("VOICETELL_LOG_LEVEL", default="INFO")},
}
