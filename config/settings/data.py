"""Where rows, cached values, files and models are."""

from pathlib import Path

import environ
from whitenoise.compress import Compressor

from config.settings.environment import BASE_DIR, env
from config.stack.paths import data_dir, embedded_database_url, embedded_redis_url

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
STATIC_ROOT = Path(env.str("VOICETELL_STATIC", default=str(data_dir() / "static")))
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Source maps are most of what there is, are hardly ever asked for, and slow to compress.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
