"""The search index of the admin: a page that is saved changes its own entry only.

Replaces: `PostgresIndex._refresh_title_norms` of modelsearch after the update of some entries. The original updates
    every entry with the norm 1.0, also those of other transactions: editors who save pages wait for each other, and
    PostgreSQL ends some of their transactions as deadlocks.
Why no hook serves: the backend has a public `index_class`, but the method is private.
Written for: modelsearch 1.3.
Upstream issue: none found.
Test that fails when upstream changes: tests/pages/test_concurrent_tree_changes.py.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Avg, F
from modelsearch.backends.database import SearchBackend as ModelsearchBackend
from modelsearch.utils import get_content_type_pk

from .sqlite_quotes import quote_terms


def SearchBackend(params: dict[str, Any]) -> Any:
    """Return modelsearch's backend of the database, with an index or query compilers of our own."""
    if connection.vendor != "postgresql":
        backend = ModelsearchBackend(params)
        if connection.vendor == "sqlite":
            quote_terms(backend)
        return backend
    from modelsearch.backends.database.postgres.postgres import Length, PostgresIndex, PostgresSearchBackend

    class OwnEntriesIndex(PostgresIndex):
        def add_items(self, model: Any, objs: list[Any]) -> None:
            keys = [str(each.pk) for each in objs]
            self._updated = self.entries.filter(content_type_id=get_content_type_pk(model), object_id__in=keys)
            super().add_items(model, objs)

        def _refresh_title_norms(self, full: bool = False) -> None:
            if full:
                super()._refresh_title_norms(full=True)
                return
            with_title = self.entries.annotate(title_length=Length("title")).filter(title_length__gt=0)
            average = with_title.aggregate(average=Avg("title_length"))["average"]
            updated = self._updated.annotate(title_length=Length("title")).filter(title_length__gt=0)
            updated.update(title_norm=average / F("title_length"))

    class OwnEntriesBackend(PostgresSearchBackend):
        index_class = OwnEntriesIndex

    return OwnEntriesBackend(params)
