"""Restores the translation memory and the glossaries of a department."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.row_serialization import deserialize_row
from cms.translations.exchange.inline_codes import refuse_unreadable
from cms.translations.exchange.units import UnitFaultError
from cms.translations.glossary.term_storage import MAX_TERMS
from cms.translations.memory.pair_storage import BATCH, MAX_PAIRS, TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm, MemoryPair

from .restore_context import RestoreContext


def restore_memory(context: RestoreContext) -> None:
    """Restore the pairs between languages of the department. Raises ArchiveError for others, and for too many."""
    languages = _languages(context)
    groups: defaultdict[tuple[Scope, str, UUID | None], list[TextPair]] = defaultdict(list)
    for number, row in enumerate(context.read_rows(tables.MEMORY)):
        if number >= MAX_PAIRS:
            raise ArchiveError(_("The translation memory of the archive has too many texts."))
        values = _values(context, MemoryPair, tables.MEMORY, row)
        content = values.get("content")
        if content is None or str(content) in context.known_keys:
            groups[_scope(context, languages, row, values), values["origin"], content].append(_texts(row, values))
    for (scope, origin, content), texts in groups.items():
        store_pairs(scope, texts, origin, content)


def restore_glossary(context: RestoreContext) -> None:
    """Restore the terms of the glossaries. Raises ArchiveError for one that its form would refuse, and for too many."""
    languages, terms = _languages(context), []
    for number, row in enumerate(context.read_rows(tables.GLOSSARY)):
        if number >= MAX_TERMS:
            raise ArchiveError(_("The glossary of the archive has too many terms."))
        values = _values(context, GlossaryTerm, tables.GLOSSARY, row)
        _scope(context, languages, row, values)
        term = GlossaryTerm(department=context.department, **values)
        try:
            term.clean_fields()
            term.clean()
        except ValidationError as error:
            raise ArchiveError(f"{row.get('id')}: {' '.join(error.messages)}") from error
        terms.append(term)
    GlossaryTerm.objects.bulk_create(terms, batch_size=BATCH, ignore_conflicts=True)


def _values(context: RestoreContext, model: type[Model], table: tables.Table, row: JsonObject) -> dict[str, Any]:
    return deserialize_row(model, row, table.fields, context.natural_keys, context.map_reference)


def _languages(context: RestoreContext) -> set[int]:
    return set(context.department.department_locales.values_list("locale", flat=True))


def _scope(context: RestoreContext, languages: set[int], row: JsonObject, values: dict[str, Any]) -> Scope:
    """Return the department and languages of a row. Raises ArchiveError for one that is not among `languages`."""
    scope = Scope(context.department.pk, values.get("source_locale_id") or 0, values.get("target_locale_id") or 0)
    if not {scope.source_locale, scope.target_locale} <= languages:
        raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": row.get("target_locale")})
    return scope


def _texts(row: JsonObject, values: dict[str, Any]) -> TextPair:
    texts = TextPair(values.get("source", ""), values.get("target", ""), values.get("used_at"))
    try:
        for text in (texts.source, texts.target):
            refuse_unreadable(text)
    except UnitFaultError as error:
        raise ArchiveError(f"{row.get('id')}: {error}") from error
    return texts
