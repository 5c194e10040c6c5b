"""Where settings come from: environment variables, and the folder that the code is in."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# FileAwareEnv also accepts NAME_FILE, the path of a file that holds the value.
env = environ.FileAwareEnv()
