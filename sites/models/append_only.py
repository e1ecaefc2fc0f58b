"""Keeps the database from changing entries of the audit log, whatever code or program asks for it.

PostgreSQL has the triggers of migrations 0010 and 0014. On SQLite the triggers are made after each `migrate`, since a
migration that rebuilds the table drops them. There the trigger of deletions asks a function of the connection: another
program has no such function, and its deletion fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate

TABLE = "cms_sites_auditlogentry"
FUNCTION = "cms_audit_log_is_kept"
SETTING = "cms.audit_log_retention"
REFUSAL = "Entries of the audit log are neither changed nor deleted."
# INSERT OR REPLACE deletes a row without a trigger of deletions.
SQLITE_TRIGGERS = {
    "cms_audit_log_no_update": ("UPDATE", "1"),
    "cms_audit_log_no_delete": ("DELETE", f"{FUNCTION}()"),
    "cms_audit_log_no_replace": ("INSERT", f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"),  # noqa: S608
}

_is_kept: ContextVar[bool] = ContextVar("audit_log_is_kept", default=True)


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    connection_created.connect(_add_function, dispatch_uid="audit_log.function")
    post_migrate.connect(create_sqlite_triggers, dispatch_uid="audit_log.triggers")


@contextmanager
def deletion_allowed(using: str) -> Iterator[None]:
    """Let the database delete entries within the block: for the retention command, and for tests that empty tables."""
    token = _is_kept.set(False)
    _set_postgresql(using, "on")
    try:
        yield
    finally:
        _is_kept.reset(token)
        if not connections[using].needs_rollback:
            _set_postgresql(using, "off")


def _set_postgresql(using: str, value: str) -> None:
    """Set the variable that the triggers of PostgreSQL read, until the transaction ends or else the connection."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, %s)", [SETTING, value, connection.in_atomic_block])


def _add_function(sender: Any, connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function(FUNCTION, 0, lambda: _is_kept.get())


def create_sqlite_triggers(sender: Any, using: str, **kwargs: Any) -> None:
    """Create the triggers of SQLite that are missing, after the migrations of this application."""
    connection = connections[using]
    if connection.vendor != "sqlite" or sender.label != "cms_sites":
        return
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        for name, (event, condition) in SQLITE_TRIGGERS.items():
            cursor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} ON {TABLE} WHEN {condition}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
