"""The database wrapper, which Django loads from this module.

SQLite lets a waiting connection look again every tenth of a second, so that one of many writers may wait for ever while
later ones succeed. Here the transactions of a process begin in the order in which they were requested, and one process
at a time waits for the lock of SQLite.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from django.db import OperationalError
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.sqlite3 import base, operations

from .writer_queue import Ticket, process_lock, queue_of


class DatabaseOperations(operations.DatabaseOperations):
    """Django's operations, with the ranges of integers of PostgreSQL: a form accepts the same values on both."""

    integer_field_range = BaseDatabaseOperations.integer_field_range


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, which takes a ticket of the queue of the writers before it begins a transaction."""

    ops_class = DatabaseOperations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ticket: Ticket | None = None

    def _start_transaction_under_autocommit(self) -> None:
        from cms.database_time_limits import seconds_for_writing  # Django loads this module before the settings' names.

        file, end = str(self.settings_dict["NAME"]), time.monotonic() + seconds_for_writing()
        self._ticket = queue_of(file).enter(seconds_for_writing())
        if self._ticket is None:
            raise _locked("other transactions of this process came first")
        try:
            with process_lock(file, end - time.monotonic()) as is_locked:
                if not is_locked:
                    raise _locked("other processes came first")
                super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave_queue()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._leave_queue()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave_queue()

    def _leave_queue(self) -> None:
        ticket, self._ticket = self._ticket, None
        if ticket is not None:
            ticket.leave()


def _locked(reason: str) -> OperationalError:
    message = f"database is locked: {reason}"
    error = OperationalError(message)
    error.__cause__ = sqlite3.OperationalError(message)
    return error
