"""Where rows, cached values, files and models are."""

from pathlib import Path

import environ
from whitenoise.compress import Compressor

from config.settings.environment import BASE_DIR, env
from config.stack.paths import data_dir, embedded_database_url, embedded_redis_url

DATABASES = {
    "default": {
        **env.urls.db_url_config(
            env.text(
                "DATABASE_URL",
                "PostgreSQL of your own: `postgres://user:password@host:5432/name`",
                shown="embedded PostgreSQL",
            )
            or embedded_database_url()
        ),
        "ENGINE": "config.database",
        "CONN_HEALTH_CHECKS": True,
    }
}
# Web threads come and go; a small pool a process keeps PostgreSQL's connections few.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
    "pool",
    {
        "min_size": 0,
        "max_size": env.number(
            "VOICETELL_DB_POOL", "database connections of one process, at most", default=8
        ),
        "timeout": 10,
    },
)
# A host that fell silent is noticed after a minute, not after the system's two hours.
for _name, _value in {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}.items():
    DATABASES["default"]["OPTIONS"].setdefault(_name, _value)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = (
    env.text("REDIS_URL", "Redis of your own: `redis://host:6379/0`", shown="embedded Redis")
    or embedded_redis_url()
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "voicetell",
    }
}

MEDIA_ROOT = Path(
    env.text(
        "VOICETELL_MEDIA",
        "folder of uploaded clips and model artifacts",
        default=str(BASE_DIR / "media"),
        shown="folder `media/`",
    )
)
MODEL_CACHE = data_dir() / "models"
"""Where workers keep verified copies of model artifacts."""
SHIPPED_MODEL = BASE_DIR / "fixtures" / "model"
BASE_TABLE = Path(
    env.text(
        "VOICETELL_BASE_TABLE",
        "features of the base corpus, for training runs",
        default=str(BASE_DIR / "fixtures" / "base_features.npz"),
        shown="`fixtures/base_features.npz`",
    )
)
"""Features of the base corpus, which a run learns from beside a team's own samples."""
RUNS_FOLDER = data_dir() / "runs"
"""Where a training run keeps what it has finished, until it ends."""
TRAIN_JOBS = env.number(
    "VOICETELL_TRAIN_JOBS", "processes that fit at a time in a training run", default=1
)
TRAIN_NICENESS = env.number(
    "VOICETELL_TRAIN_NICENESS",
    "how far a training run stands back for other processes (0 to 19); 0 on a host that only "
    "trains",
    default=10,
)
"""Processes that fit at a time."""
DASK_SCHEDULER = env.text(
    "VOICETELL_DASK_SCHEDULER",
    "address of a Dask scheduler whose workers do the fitting, such as `tcp://host:8786` "
    "(install the extra `dask`)",
)
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
        from botocore.config import Config  # slow to load, for who needs it

        bucket, _, prefix = rest.partition("/")
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": bucket,
                "location": prefix,
                "default_acl": None,
                # Shorter than a task's limits, so that a slow storage is seen as such.
                "client_config": Config(
                    signature_version="s3v4",
                    connect_timeout=3,
                    read_timeout=8,
                    retries={"total_max_attempts": 2},
                ),
            },
        }
    raise environ.ImproperlyConfigured(f"STORAGE_URL: unknown scheme {scheme!r} (file or s3)")


STORAGES = {
    "default": _storage(
        env.text(
            "STORAGE_URL",
            "`file:///folder` or `s3://bucket/prefix` (the usual AWS variables hold the keys)",
            shown="folder `VOICETELL_MEDIA`",
        )
    ),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(
    env.text(
        "VOICETELL_STATIC",
        "folder of the collected static files",
        default=str(data_dir() / "static"),
        shown="folder `static/` in the data folder",
    )
)
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are most of what there is, are hardly ever asked for, and slow to compress.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
