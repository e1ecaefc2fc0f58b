"""Locks between processes: advisory locks of PostgreSQL, or locked files in DATA_DIR on SQLite.

A lock ends with the process that holds it, also after SIGKILL. On PostgreSQL it is held by a connection of its own,
since Django closes the others from time to time; a pooler in front of the database must keep sessions.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper


class AlreadyLocked(Exception):
    """Raised when another process holds a lock."""


class ProcessLock:
    """A lock with a name, valid for all processes that use the database."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._holder: Any = None

    def acquire(self, *, wait: bool = False) -> bool:
        """Take the lock and return True; return False if another holds it. With `wait`, wait until it is free."""
        take = self._take_advisory_lock if connection.vendor == "postgresql" else self._take_file_lock
        return take(wait)

    def renew(self) -> None:
        """Take the lock again if the server has ended the connection that held it, in an idle hour for example."""
        if isinstance(self._holder, BaseDatabaseWrapper) and not self._holder.is_usable():
            self._holder.close()
            self._holder = None
            self.acquire()

    def release(self) -> None:
        """Release the lock; do nothing if it is not held."""
        holder, self._holder = self._holder, None
        if holder is None:
            return
        if isinstance(holder, BaseDatabaseWrapper):
            # The server notices a closed connection a moment later: the next process would still find the lock taken.
            with suppress(InterfaceError, OperationalError), holder.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self._key])
        holder.close()

    def is_taken(self) -> bool:
        """Return True if a process holds the lock. Nothing is locked or written."""
        if connection.vendor != "postgresql":
            return self._is_file_locked()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND "
                "database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "
                "(classid::bigint << 32) | objid::bigint = %s",
                [self._key],
            )
            return cursor.fetchone() is not None

    @property
    def _key(self) -> int:
        """The number of the advisory lock, of 63 bits."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8]) >> 1

    @property
    def _path(self) -> Path:
        return Path(settings.DATA_DIR) / "locks" / f"{self._key:016x}.lock"

    def _take_advisory_lock(self, wait: bool) -> bool:
        own = connection.copy()
        try:
            with own.cursor() as cursor:
                cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_lock(%s)", [self._key])
                is_acquired = wait or cursor.fetchone()[0]
        except BaseException:
            own.close()
            raise
        if is_acquired:
            self._holder = own
        else:
            own.close()
        return bool(is_acquired)

    def _take_file_lock(self, wait: bool) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("w")
        if _lock_file(file, wait):
            self._holder = file
            return True
        file.close()
        return False

    def _is_file_locked(self) -> bool:
        if not self._path.exists():
            return False
        with self._path.open() as file:
            return not _lock_file(file, wait=False)


def _lock_file(file: TextIOWrapper, wait: bool) -> bool:
    """Lock a file and return True; return False if it is locked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


@contextmanager
def process_lock(name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold a lock. Raises AlreadyLocked if another process holds it; with `wait`, waits until it is free."""
    lock = ProcessLock(name)
    if not lock.acquire(wait=wait):
        raise AlreadyLocked(name)
    try:
        yield
    finally:
        lock.release()


class ExclusiveCommand(BaseCommand):
    """A command that runs once at a time. `lock_name` is the name of its lock."""

    lock_name: str

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with process_lock(self.lock_name):
                return super().execute(*args, **options)
        except AlreadyLocked:
            line = self.already_running()
            if line:
                (options.get("stdout") or self.stdout).write(line + "\n")
            return line

    def already_running(self) -> str | None:
        """Return the line that a second run prints, or raise CommandError."""
        raise CommandError("this command is running already; nothing was done")
