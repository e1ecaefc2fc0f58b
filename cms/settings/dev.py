"""Settings of a trial or of development on one's own machine: `make demo` runs on these."""

from .base import *

DEBUG = True

# Browsers resolve every name under `.localhost` to this machine, so each department can have its own host.
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]", ".localhost"]

READER_PATH_PREFIX = True

DATA_DIR.mkdir(parents=True, exist_ok=True)
