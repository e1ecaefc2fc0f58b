"""Restores organisations and people; what the instance has already stays, and only gaps in it are filled."""

from __future__ import annotations

from typing import Any

from django.db.models import ForeignKey, Model
from django.utils.translation import gettext as _

from cms.archive.archive_file import Row
from cms.archive.export.snippet_rows import SNIPPETS
from cms.archive.row_serialization import restored
from cms.archive.tables import Table
from sites.access.foreign_references import foreign_fields
from sites.validation.links import refuse_harmful_links

from .restore_context import Restoration


def restore_snippets(restoration: Restoration) -> None:
    for model, table in SNIPPETS:
        for row in restoration.rows(table):
            _restore_snippet(restoration, table, model, row)


def _restore_snippet(restoration: Restoration, table: Table, model: type[Model], row: Row) -> None:
    """Make the snippet, or find the one with its translation key and language.

    A new one is the department's or the instance's, never another department's. One that is here is not changed,
    except that what nobody owns may lack what only this department brings: its logo, that it stands for it or owns it.
    """
    values = restored(model, row, table.columns, restoration.names, restoration.visit)
    own, is_trusted = restoration.department.pk, restoration.is_trusted
    if values.get("owner_id") != own:
        values["owner_id"] = None
    if not is_trusted and values.get("department_id") != own:
        values.pop("department_id", None)
    key = str(values["translation_key"])
    restoration.known_keys.add(key)
    snippet: Any = model._default_manager.filter(translation_key=key, locale=values["locale_id"]).first()
    if snippet is None:
        snippet = model(**values)
        restoration.own_keys.add(key)
    elif is_trusted and snippet.owner_id is None:
        for field in table.columns:
            if isinstance(field, ForeignKey) and getattr(snippet, field.attname) is None:
                setattr(snippet, field.attname, values.get(field.attname))
    else:
        restoration.became(model, row, snippet.pk)
        return
    for name in foreign_fields(snippet, snippet.owner):
        setattr(snippet, name, None)
        restoration.note(_("“%(snippet)s”: %(name)s was left out.") % {"snippet": snippet, "name": name})
    refuse_harmful_links(snippet)
    snippet.save()
    restoration.became(model, row, snippet.pk)
