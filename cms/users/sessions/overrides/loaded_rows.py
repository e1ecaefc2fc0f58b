"""Django's database engine of sessions, which keeps the loaded row and can refuse it.

Replaces: `SessionStore._get_session_from_db` and `SessionStore._aget_session_from_db`, by methods that call the
    originals; they reset `_session_key` for a refused row, as the originals do for a missing one.
Why no hook serves: `load` returns the data of the session only. The time of the last use is a column of the row, for
    which each request would need a second query.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: tests/users/test_sessions.py.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore


class RowSessionStore(SessionStore):
    """A store whose `row` is the loaded row, or None. Rows for which `is_refused` returns True count as missing."""

    row: Any = None

    def _validate_session_key(self, key: Any) -> bool:
        """Refuse what is no key: PostgreSQL fails on NUL, which a quoted cookie can contain."""
        return bool(super()._validate_session_key(key)) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def is_refused(self, row: Any) -> bool:
        raise NotImplementedError

    def _get_session_from_db(self) -> Any:
        self.row = self._unless_refused(super()._get_session_from_db())  # type: ignore[misc]
        return self.row

    async def _aget_session_from_db(self) -> Any:
        self.row = self._unless_refused(await super()._aget_session_from_db())  # type: ignore[misc]
        return self.row

    def _unless_refused(self, row: Any) -> Any:
        if row is not None and self.is_refused(row):
            self._session_key = None
            return None
        return row
