"""Time limits of the database for web requests, and the answer 503 when one of them ends a request.

A request that waits for a lock occupies a thread of the web server; without a limit a few of them stop all others.
Management commands and background tasks have no limit: a rebuild of all documents takes minutes.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import InterfaceError, OperationalError
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.defaults import server_error

from sites.retry_responses import retry_response

RETRY_AFTER = 5  # seconds
MILLISECONDS = 1000
IDLE_ENDED = "25P03"  # PostgreSQL's code of a session that it ended; psycopg calls it an internal error
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
    """Set the limits of a connection that a request opens; the thread keeps it for its next requests."""
    if not _is_in_request.get():
        return
    if connection.vendor == "postgresql":
        limits = [f"SET {name} = {getattr(settings, key) * MILLISECONDS}" for name, key in POSTGRESQL_LIMITS.items()]
        statement = "; ".join(limits)
    else:
        statement = f"PRAGMA busy_timeout = {settings.DATABASE_LOCK_SECONDS * MILLISECONDS}"
    # The cursor of the driver: the statement is no query of the request.
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()


def is_database_busy(error: BaseException | None) -> bool:
    """Return True for an error of a database that is locked, too slow or away, so that a later attempt may succeed."""
    if isinstance(error, InterfaceError) or getattr(getattr(error, "__cause__", None), "sqlstate", "") == IDLE_ENDED:
        return True
    # SQLite has the same class for errors of the schema.
    is_sqlite_error = type(error.__cause__).__module__ == "sqlite3" if error is not None else False
    return isinstance(error, OperationalError) and (not is_sqlite_error or "locked" in str(error))


def error_response(request: HttpRequest) -> HttpResponse:
    """Return 503 with Retry-After for a busy database, otherwise Django's answer 500 (the URLconf's `handler500`)."""
    error = sys.exc_info()[1]
    return busy_response(request) if is_database_busy(error) else server_error(request)


def busy_response(request: HttpRequest) -> HttpResponse:
    """Return a page in the language that the browser prefers, or a problem document for scripts. No query."""
    return retry_response(
        request,
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        retry_after=RETRY_AFTER,
        template="cms/busy.html",
        language=translation.get_language_from_request(request),
        problem={
            "type": "/problems/database-busy",
            "title": "The database is busy",
            "detail": "The request took too long; the Retry-After header says when to try again.",
        },
    )
