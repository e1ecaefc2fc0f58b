"""Serializes the organisations and people that a department owns, represents itself by, or refers to."""

from __future__ import annotations

from django.db.models import Model, Q

from cms.archive.archive_file import JsonObject
from cms.archive.row_serialization import serialize_row
from cms.archive.tables import ORGANISATIONS, PEOPLE
from cms.media.models import CustomImage
from cms.pages.models import Organisation, Person

from .export_context import ExportContext

SNIPPET_TABLES = ((Organisation, ORGANISATIONS), (Person, PEOPLE))


def referenced_snippet_rows(context: ExportContext) -> dict[type[Model], list[JsonObject]]:
    """Return the rows of the organisations and people by model, in every language, and record their references.

    Snippets can refer to other snippets, so the search repeats until it finds no more.
    """
    rows: dict[type[Model], dict[int, JsonObject]] = {model: {} for model, _table in SNIPPET_TABLES}
    images = context.exported_ids[CustomImage]
    wanted = {
        Organisation: Q(department=context.department) | Q(owner=context.department) | Q(logo__in=images),
        Person: Q(owner=context.department) | Q(photo__in=images),
    }
    while True:
        before = sum(map(len, rows.values()))
        for model, table in SNIPPET_TABLES:
            found = model._default_manager.filter(wanted[model] | Q(pk__in=context.referenced_ids[model]))
            keys = list(found.values_list("translation_key", flat=True))
            for snippet in model._default_manager.filter(translation_key__in=keys).exclude(pk__in=rows[model]):
                rows[model][snippet.pk] = serialize_row(
                    snippet, table.fields, context.natural_keys, context.record_reference
                )
                context.exported_ids[model].add(snippet.pk)
        if sum(map(len, rows.values())) == before:
            return {model: [by_pk[pk] for pk in sorted(by_pk)] for model, by_pk in rows.items()}
