"""Settings for development and for trying the product (`make demo`) on one machine."""

from .base import *

DEBUG = True

# Browsers resolve all names below `.localhost` to this machine, so each department can have its own host.
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "localhost", "127.0.0.1", "[::1]", ".localhost"]

READER_PATH_PREFIX = True

DATA_DIR.mkdir(parents=True, exist_ok=True)
