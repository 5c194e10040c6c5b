"""Limits of what is taken in and judged."""

from config.settings.environment import env

MAX_UPLOAD_BYTES = (
    env.number("VOICETELL_MAX_UPLOAD_MB", "largest upload", default=100) * 1024 * 1024
)
MAX_CLIP_SECONDS = env.number("VOICETELL_MAX_CLIP_SECONDS", "longest clip", default=600)
MAX_QUEUED_PER_USER = env.number(
    "VOICETELL_MAX_QUEUED_PER_USER", "clips of one person that may wait", default=1000
)
MAX_BATCH_FILES = env.number("VOICETELL_MAX_BATCH_FILES", "files in one batch", default=100)
MAX_BATCH_BYTES = (
    env.number("VOICETELL_MAX_BATCH_MB", "largest request that sends a batch", default=1000)
    * 1024
    * 1024
)
PREDICT_WAIT_SECONDS = env.seconds(
    "VOICETELL_PREDICT_WAIT_SECONDS",
    "how long `/predict` waits for the verdict before it answers 202",
    default=10.0,
)
"""How long `/predict` waits for the verdict before it answers 202."""
LEASE_SECONDS = 30
"""How long a worker owns a prediction. Task and decoder limits below are shorter, so that a
lease never ends under a living worker."""
MAX_ATTEMPTS = 3
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = MAX_BATCH_FILES
RETENTION_DAYS = env.number(
    "VOICETELL_RETENTION_DAYS",
    "days after which clips are deleted by themselves, where a person's team says nothing else; "
    "`0` keeps them",
    default=0,
)
