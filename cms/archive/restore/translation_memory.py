"""Restores the translation memory of a department."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.row_serialization import deserialize_row
from cms.translations.exchange.inline_codes import refuse_unreadable
from cms.translations.exchange.units import UnitFaultError
from cms.translations.memory.pair_storage import MAX_PAIRS, Texts, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import MemoryPair

from .restore_context import RestoreContext


def restore_memory(context: RestoreContext) -> None:
    """Restore the pairs between languages of the department. Raises ArchiveError for others, and for too many."""
    languages = set(context.department.department_locales.values_list("locale", flat=True))
    groups: defaultdict[tuple[Scope, str, UUID | None], list[Texts]] = defaultdict(list)
    for number, row in enumerate(context.read_rows(tables.MEMORY)):
        values = deserialize_row(MemoryPair, row, tables.MEMORY.fields, context.natural_keys, context.map_reference)
        if number >= MAX_PAIRS:
            raise ArchiveError(_("The translation memory of the archive has too many texts."))
        scope = Scope(context.department.pk, values.get("source_locale_id", 0), values.get("target_locale_id", 0))
        if not {scope.source_locale, scope.target_locale} <= languages:
            raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": row.get("target_locale")})
        content = values.get("content")
        if content is None or str(content) in context.known_keys:
            groups[scope, values["origin"], content].append(_texts(row, values))
    for (scope, origin, content), texts in groups.items():
        store_pairs(scope, texts, origin, content)


def _texts(row: JsonObject, values: dict[str, Any]) -> Texts:
    texts = Texts(values.get("source", ""), values.get("target", ""), values.get("used_at"))
    try:
        for text in (texts.source, texts.target):
            refuse_unreadable(text)
    except UnitFaultError as error:
        raise ArchiveError(f"{row.get('id')}: {error}") from error
    return texts
