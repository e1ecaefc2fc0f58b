"""Brings an index up to date with the change feed, with a cursor of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from cms.delivery.feed import changes
from cms.delivery.models import PublishedDocument

from .concepts import with_professions
from .documents import document_key, search_document
from .engines.contract import Engine, Withdrawal
from .models import IndexCursor

logger = logging.getLogger(__name__)

BATCH = 500


def catch_up(engine: Engine, *, progress: Callable[[int], Any] | None = None) -> int:
    """Read the feed from the index's cursor to its end; return how many changes were applied.

    The cursor moves after the index has committed: a crash in between applies the same changes again, which changes
    nothing. Raises EngineUnavailable; what was applied until then stays.
    """
    IndexCursor.objects.get_or_create(index=engine.name)
    own = IndexCursor.objects.filter(index=engine.name)
    applied = 0
    while True:
        with engine.turn():
            cursor = own.values_list("sequence", flat=True).get()
            batch = changes(cursor, BATCH)
            if not batch:
                return applied
            apply(engine, batch)
            own.filter(sequence__lt=batch[-1].sequence).update(sequence=batch[-1].sequence)
        applied += len(batch)
        if progress is not None:
            progress(len(batch))


def apply(engine: Engine, batch: list[PublishedDocument]) -> None:
    """Index a batch of changes."""
    withdrawn = [Withdrawal(str(each.content_id), each.locale, each.sequence) for each in batch if each.is_withdrawn]
    present = [each for each in batch if not each.is_withdrawn]
    present += _other_languages_of_professions(batch)
    data_of: dict[str, dict[str, Any]] = {}
    documents = []
    for each in present:
        data = each.data
        data_of[document_key(data["id"], data["locale"])] = data
        documents.append(search_document(data, sequence=each.sequence, expires_at=each.expires_at))
    engine.apply(with_professions(documents, data_of), withdrawn)


def _other_languages_of_professions(batch: list[PublishedDocument]) -> list[PublishedDocument]:
    """What a profession is called in one language is a label of the others."""
    changed = {each.content_id for each in batch if each.type == "profession"}
    keys = {each.pk for each in batch}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=changed)
    return list(rows.exclude(pk__in=keys).select_related("department")) if changed else []
