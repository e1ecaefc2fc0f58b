"""Restores organisations and people. Existing snippets keep their values; only empty references are filled."""

from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from cms.archive.archive_file import JsonObject
from cms.archive.export.snippet_rows import SNIPPET_TABLES
from cms.archive.row_serialization import deserialize_row
from cms.archive.tables import Table
from sites.access.foreign_references import foreign_fields
from sites.validation.links import refuse_harmful_links

from .restore_context import RestoreContext
from .row_validation import validate_row


def restore_snippets(context: RestoreContext) -> None:
    for model, table in SNIPPET_TABLES:
        for row in context.read_rows(table):
            _restore_snippet(context, table, model, row)


def _restore_snippet(context: RestoreContext, table: Table, model: type[Model], row: JsonObject) -> None:
    """Create the snippet of a row, or find the existing snippet with the same translation key and locale.

    A new snippet belongs to the department or to the instance, never to another department. An existing snippet is not
    changed, except that a trusted archive fills empty references (logo, department, owner) of a snippet without owner.
    A language that an existing snippet lacks is added by a trusted archive only, and never to a snippet of another
    department, since the pages of all departments show it. References then lead to a language that exists.
    """
    values = deserialize_row(model, row, table.fields, context.natural_keys, context.map_reference)
    own, is_trusted = context.department.pk, context.is_trusted
    if values.get("owner_id") != own:
        values["owner_id"] = None
    if not is_trusted and values.get("department_id") != own:
        values.pop("department_id", None)
    key = str(values["translation_key"])
    context.known_keys.add(key)
    versions: list[Any] = list(model._default_manager.filter(translation_key=key).order_by("pk"))
    snippet: Any = next((version for version in versions if version.locale_id == values["locale_id"]), None)
    if snippet is None and versions and key not in context.own_keys:
        if not is_trusted or versions[0].owner_id is not None:
            text = _("“%(snippet)s” of the archive was left out: “%(existing)s” belongs to others.")
            context.add_note(text % {"snippet": str(values.get("name", ""))[:200], "existing": versions[0]})
            context.map_id(model, row, versions[0].pk)
            return
        snippet = model(**values)
    elif snippet is None:
        snippet = model(**values)
        context.own_keys.add(key)
    elif is_trusted and snippet.owner_id is None:
        for field in table.fields:
            if isinstance(field, ForeignKey) and getattr(snippet, field.attname) is None:
                setattr(snippet, field.attname, values.get(field.attname))
    else:
        context.map_id(model, row, snippet.pk)
        return
    for name in foreign_fields(snippet, snippet.owner):
        setattr(snippet, name, None)
        context.add_note(_("“%(snippet)s”: %(name)s was left out.") % {"snippet": snippet, "name": name})
    refuse_harmful_links(snippet)
    validate_row(context, snippet)
    snippet.save()
    context.map_id(model, row, snippet.pk)
