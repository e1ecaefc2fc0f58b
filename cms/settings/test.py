"""Settings of the tests: fast, with all files in a temporary folder."""

import atexit
from pathlib import Path
from tempfile import TemporaryDirectory

from .base import *

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1", ".localhost", ".example.test"]
DEBUG = False
READER_PATH_PREFIX = True
PUBLIC_BASE_URL = WAGTAILADMIN_BASE_URL = "http://testserver"

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MAIL_TRANSPORT = EMAIL_BACKEND
# In the thread of the test, whose transaction no other thread sees.
for _alias in {"mail", "documents", "machine"} & TASKS.keys():
    TASKS[_alias] = TASKS["default"]

# All tests of a process have one client address. Tests of rate limits switch the limits on.
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "off")

# The machine that runs the tests may have little free space.
STORAGE_RESERVE_BYTES = 0

_FOLDER = TemporaryDirectory(prefix="cms-tests-")
atexit.register(_FOLDER.cleanup)
DATA_DIR = Path(_FOLDER.name)
MEDIA_ROOT = DATA_DIR / "media"
STATIC_ROOT = DATA_DIR / "static"
SEARCH_FOLDER = DATA_DIR / "search"
# Tests of search update the index explicitly. The other tests publish thousands of pages.
SEARCH_UPDATES = "command"
# The query log writes in a thread, which would disturb tests that count queries.
SEARCH_LOG_SECONDS = 0
STORAGES["private"]["OPTIONS"] = {"location": DATA_DIR / "private"}

if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    # A file: with Django's shared in-memory database a second thread fails ("table is locked") instead of waiting.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"] |= {"init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"}
