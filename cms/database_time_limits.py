"""Time limits of the database for web requests, and the answer 503 when one of them ends a request.

A request that waits for a lock occupies a thread of the web server; without a limit a few of them stop all others.
Management commands and background tasks have no limit: a rebuild of all documents takes minutes. SQLite has one writer
at a time, so they wait for the transaction of another one, however long a busy machine needs for it.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

import psycopg
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.defaults import server_error

from cms.overrides.logged_responses import mark_as_logged
from sites.retry_responses import retry_response

logger = logging.getLogger(__name__)

RETRY_AFTER = 5  # seconds
DATABASE_BUSY_TITLE = "The database does not answer"
DATABASE_BUSY_DETAIL = "The database is away, locked or too slow; the Retry-After header says when to try again."
# Seconds for which one line of the log stands for all requests that the database did not answer.
LOG_PERIOD = 60
# Parts of the messages of SQLite for a database that is locked or away. It has the same class for errors of the schema.
SQLITE_MESSAGES = ("locked", "unable to open", "disk I/O")
# The same for a database that is damaged, incomplete (before its migration, during a restore), full or read-only.
SQLITE_DAMAGES = ("malformed", "not a database", "no such table", "readonly", "is full")
# PostgreSQL's codes of these: read-only transaction, undefined table, corrupted data or index, missing file.
POSTGRESQL_DAMAGES = ("25006", "42P01", "XX001", "XX002", "58P01")
# The first parts of the URLs of the API.
API_PREFIX = "/api/"
SQLITE_COMMAND_SECONDS = 3600  # seconds for which a command or a background task waits for another writer
# A change is repeated after collisions for at most this many times the lock time-out.
LOCK_TIMEOUTS = 3
# On SQLite, a change waits for those before it for at most this many times the lock time-out. They are short, but on a
# busy machine eight of them take a while.
SQLITE_LOCK_TIMEOUTS = 10
MILLISECONDS = 1000
POSTGRESQL_PORT = 5432
IDLE_ENDED = "25P03"  # PostgreSQL's code of a session that it ended; psycopg calls it an internal error
# PostgreSQL's codes of a transaction that failed because of another one, so that it may succeed if it is repeated:
# serialization failure, deadlock, lock that was not free in time.
COLLISIONS = ("40001", "40P01", "55P03")
UNIQUE_VIOLATION = "23505"
# Two writers computed the same tree path.
TREE_CONSTRAINTS = ("wagtailcore_page_path_key", "wagtailcore_collection_path_key")
# PostgreSQL compiles a statement that it expects to be long (JIT), which takes longer than any statement of a page, and
# half of the time of a list of the API on tables without statistics.
NO_COMPILATION = "SET jit = off"
# Limits of PostgreSQL by the setting with their seconds. A limit of 0 seconds is none.
POSTGRESQL_LIMITS = {
    "statement_timeout": "DATABASE_STATEMENT_SECONDS",
    "lock_timeout": "DATABASE_LOCK_SECONDS",
    "idle_in_transaction_session_timeout": "DATABASE_IDLE_SECONDS",
}

_is_in_request: ContextVar[bool] = ContextVar("is_in_request", default=False)


def connect_signals() -> None:
    request_started.connect(_enter_request, dispatch_uid="cms.time_limits.enter")
    request_finished.connect(_leave_request, dispatch_uid="cms.time_limits.leave")
    connection_created.connect(_limit_connection, dispatch_uid="cms.time_limits.limit")


def _enter_request(sender: Any, **kwargs: Any) -> None:
    _is_in_request.set(True)


def _leave_request(sender: Any, **kwargs: Any) -> None:
    _is_in_request.set(False)


def _limit_connection(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Set the limits of a new connection, which the thread of a request keeps for its next requests; no compilation."""
    if connection.vendor == "sqlite":
        seconds = settings.DATABASE_LOCK_SECONDS if _is_in_request.get() else SQLITE_COMMAND_SECONDS
        statement = f"PRAGMA busy_timeout = {seconds * MILLISECONDS}"
    elif _is_in_request.get():
        limits = [f"SET {name} = {getattr(settings, key) * MILLISECONDS}" for name, key in POSTGRESQL_LIMITS.items()]
        statement = "; ".join((NO_COMPILATION, *limits))
    else:
        statement = NO_COMPILATION
    # The cursor of the driver: the statement is no query of the request.
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()


def seconds_for_writing() -> int:
    """Return the seconds for which a transaction waits for those that write before it."""
    return SQLITE_LOCK_TIMEOUTS * settings.DATABASE_LOCK_SECONDS if _is_in_request.get() else SQLITE_COMMAND_SECONDS


def is_database_busy(error: BaseException | None) -> bool:
    """Return True for an error of a database that is locked, too slow or away, so that a later attempt may succeed."""
    if (
        isinstance(error, InterfaceError)
        or is_collision(error)
        or getattr(getattr(error, "__cause__", None), "sqlstate", "") == IDLE_ENDED
    ):
        return True
    is_away = not _is_sqlite_error(error) or any(message in str(error) for message in SQLITE_MESSAGES)
    return isinstance(error, OperationalError) and is_away


def is_database_unusable(error: BaseException | None) -> bool:
    """Return True for an error of a busy database, or of one that is damaged, incomplete, full or read-only."""
    if is_database_busy(error) or not isinstance(error, DatabaseError):
        return is_database_busy(error)
    if _is_sqlite_error(error):
        return any(message in str(error) for message in SQLITE_DAMAGES)
    return getattr(error.__cause__, "sqlstate", "") in POSTGRESQL_DAMAGES


def _is_sqlite_error(error: BaseException | None) -> bool:
    return type(getattr(error, "__cause__", None)).__module__ == "sqlite3"


def describe_outage(error: BaseException) -> str:
    """Return one line that names the database and says why it does not answer. It holds no password."""
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        address = f"{database['HOST'] or 'the local socket'}:{database['PORT'] or POSTGRESQL_PORT}"
        name = f"PostgreSQL at {address}, database {database['NAME']}"
    else:
        name = f"SQLite, {database['NAME']}"
    return f"The database ({name}) does not answer: {_first_line(error)}"


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_collision(error: BaseException | None) -> bool:
    """Return True if a transaction failed because of another one: repeated, it may succeed."""
    cause = getattr(error, "__cause__", None)
    code = getattr(cause, "sqlstate", None)
    if code == UNIQUE_VIOLATION and isinstance(cause, psycopg.Error):
        return cause.diag.constraint_name in TREE_CONSTRAINTS
    is_locked = isinstance(error, OperationalError) and type(cause).__module__ == "sqlite3" and "locked" in str(error)
    return code in COLLISIONS or is_locked


class OutageLog:
    """Logs requests that the database did not answer: one line in LOG_PERIOD seconds, without a traceback.

    An outage would otherwise fill the disk: each request would log its traceback.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests = 0
        self._next_line = 0.0

    def note(self, request: HttpRequest, error: BaseException | None) -> None:
        """Count a request, and log a line if the last one is long ago."""
        with self._lock:
            self._requests += 1
            if time.monotonic() < self._next_line:
                return
            requests, self._requests = self._requests, 0
            self._next_line = time.monotonic() + LOG_PERIOD
        logger.error("The database did not answer %d requests, now %s: %s", requests, request.path, _first_line(error))


outage_log = OutageLog()


def error_response(request: HttpRequest) -> HttpResponse:
    """Return 503 with Retry-After for an unusable database, otherwise Django's answer 500 (`handler500`)."""
    return outage_response(request, sys.exc_info()[1]) or server_error(request)


def outage_response(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """Return 503 with Retry-After if the error means that the database cannot be used, otherwise None."""
    return busy_response(request, error) if is_database_unusable(error) else None


def requested_language(request: HttpRequest) -> str:
    """Return the language that the URL names, otherwise the one that the browser prefers. No query."""
    codes = {code for code, _name in settings.LANGUAGES}
    # The language follows the department in URLs on hosts of no department.
    named = [part for part in request.path_info.split("/")[1:3] if part in codes]
    return named[0] if named else translation.get_language_from_request(request)


def busy_response(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """Return a page in the language of the visitor, or a problem document for scripts. No query."""
    outage_log.note(request, error)
    response = retry_response(
        request,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        retry_after=RETRY_AFTER,
        template="cms/busy.html",
        language=requested_language(request),
        is_for_scripts=request.path_info.startswith(API_PREFIX),
        problem={
            "type": "/problems/database-busy",
            "title": DATABASE_BUSY_TITLE,
            "detail": DATABASE_BUSY_DETAIL,
        },
    )
    mark_as_logged(response)
    return response
