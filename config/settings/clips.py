"""Limits of what is taken in and judged."""

from config.settings.environment import env

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
