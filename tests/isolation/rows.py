"""The rows of the database that the own department must not change, and the changes to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey, Model

STATEMENT = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
# Tables without an owner that many requests change.
IGNORED_TABLES = {
    "django_session",
    # Wagtail deletes old rows of these tables during any request.
    "wagtailcore_editingsession",
    "wagtailadmin_editingsession",
    # Refused requests are recorded. The database refuses changes of entries.
    "cms_sites_auditlogentry",
}
# Tables with one row for the whole instance, or with texts that all departments use.
INSTANCE_TABLES = {
    "cms_search_cacheversion",
    "delivery_feedcounter",
    "delivery_feedposition",
    "wagtail_localize_string",
}


class Writes:
    """An execute wrapper that records the tables to which statements write."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Any, sql: str, *arguments: Any) -> Any:
        if statement := STATEMENT.match(sql):
            self.tables.add(statement.group(1))
        return execute(sql, *arguments)


class Rows:
    """The rows that existed before the own department: those of the other department and of the instance.

    This class does not use `sites.access.ownership`, which is under test: a model that somebody forgot to register
    there would be forgotten here too. A row is protected because of the time at which it was created.
    """

    def __init__(self) -> None:
        self.instance = _keys()
        self.theirs: dict[str, set[Any]] = {}
        self.values: dict[str, dict[Any, tuple]] = {}
        self.references: dict[str, set[tuple]] = {}

    def record_other_department(self) -> None:
        """Store the keys of all rows that did not exist at the start: those of the other department."""
        self.theirs = {table: keys - self.instance[table] for table, keys in _keys().items()}

    def record_values(self, container_path: str, collection_path: str) -> None:
        """Store the current rows; the paths are the roots of the other department's trees."""
        self.trees = {"wagtailcore_page": container_path, "wagtailcore_collection": collection_path}
        self.models = _models()
        for table, model in self.models.items():
            self.values[table] = self._protected(table, model)
            self.references[table] = self._references(table, model)

    def changed(self, tables: Iterable[str]) -> list[str]:
        """Return the changes to protected rows of these tables, and new references to the other department."""
        found = []
        for table in sorted(set(tables) - IGNORED_TABLES - INSTANCE_TABLES):
            model = self.models.get(table)
            if model is None:
                continue  # The full-text table of a model in Wagtail's search index.
            now = self._protected(table, model)
            keys = [key for key in self.values[table] if self.values[table][key] != now.get(key)]
            found += [f"{table} {key}" for key in keys]
            found += [f"{table} {reference}" for reference in self._references(table, model) - self.references[table]]
        return found

    def _protected(self, table: str, model: type[Model]) -> dict[Any, tuple]:
        keys = self.instance[table] | self.theirs[table]
        if not keys:
            return {}
        names = [field.attname for field in model._meta.concrete_fields]
        pk = model._meta.pk.attname
        rows = model._base_manager.values(*names)
        return {row[pk]: tuple(map(str, row.values())) for row in rows if row[pk] in keys}

    def _references(self, table: str, model: type[Model]) -> set[tuple]:
        """Return rows outside the other department that refer to it by a foreign key or by a tree path."""
        found = set()
        rows = model._base_manager.exclude(pk__in=self.theirs[table])
        for field in model._meta.concrete_fields:
            if isinstance(field, ForeignKey) and (target := _table_of(field)) not in INSTANCE_TABLES:
                keys = self.theirs[target]
                leading = rows.filter(**{f"{field.attname}__in": keys}).values_list("pk", flat=True)
                found |= {(pk, field.attname) for pk in leading} if keys else set()
        if table in self.trees:
            below = rows.filter(path__startswith=self.trees[table]).values_list("pk", flat=True)
            found |= {(pk, "path") for pk in below}
        return found


def _models() -> dict[str, type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in models if model._meta.managed and not model._meta.proxy}


def _table_of(field: ForeignKey) -> str:
    target: Any = field.related_model
    return target._meta.concrete_model._meta.db_table


def _keys() -> dict[str, set[Any]]:
    existing = set(connection.introspection.table_names())
    return {
        table: set(model._base_manager.values_list("pk", flat=True))
        for table, model in _models().items()
        if table in existing
    }
