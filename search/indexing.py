"""Brings an index up to date with the change feed and with the names of concepts, with cursors of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from cms.delivery.feed import changes
from cms.delivery.models import PublishedDocument

from .concepts import with_professions
from .documents import SearchDocument, document_key, search_document
from .engines.contract import Engine, Withdrawal
from .models import ConceptCounter, IndexCursor
from .renaming import documents_concerned

logger = logging.getLogger(__name__)

BATCH = 500


def catch_up(engine: Engine, *, progress: Callable[[int], Any] | None = None) -> int:
    """Read the feed from the index's cursor to its end, then what else changed; return how many changes were applied.

    Cursors move after the index has committed: a crash in between applies the same changes again, which changes
    nothing. Raises EngineUnavailable; what was applied until then stays.
    """
    # A new index reads the whole feed, with the names of today.
    IndexCursor.objects.get_or_create(index=engine.name, defaults={"concept_change": ConceptCounter.newest()})
    own = IndexCursor.objects.filter(index=engine.name)
    return _follow_feed(engine, own, progress or _unseen) + _follow_concepts(engine, own)


def _unseen(_done: int) -> None:
    """Show no progress."""


def _follow_feed(engine: Engine, own: QuerySet[IndexCursor], progress: Callable[[int], Any]) -> int:
    applied = 0
    while True:
        with engine.turn():
            cursor = own.values_list("sequence", flat=True).get()
            batch = changes(cursor, BATCH)
            if not batch:
                return applied
            names = ConceptCounter.newest()
            apply(engine, batch)
            if ConceptCounter.newest() != names:
                continue  # Another process may have put the new names there already: the same batch again, with them.
            own.filter(sequence__lt=batch[-1].sequence).update(sequence=batch[-1].sequence)
        applied += len(batch)
        progress(len(batch))


def _follow_concepts(engine: Engine, own: QuerySet[IndexCursor]) -> int:
    """Index again what carries a code that an import gave other names, whenever that was."""
    since, newest = own.values_list("concept_change", flat=True).get(), ConceptCounter.newest()
    if since >= newest:
        return 0
    applied = 0
    for keys in documents_concerned(since):
        with engine.turn():
            # Read in turn: what was withdrawn meanwhile must not come back.
            rows = PublishedDocument.objects.public().filter(pk__in=keys)
            documents = list(rows.select_related("department"))
            engine.apply(_search_documents(documents), ())
        applied += len(documents)
    own.filter(concept_change__lt=newest).update(concept_change=newest)
    return applied


def apply(engine: Engine, batch: list[PublishedDocument]) -> None:
    """Index a batch of changes."""
    withdrawn = [Withdrawal(str(each.content_id), each.locale, each.sequence) for each in batch if each.is_withdrawn]
    present = [each for each in batch if not each.is_withdrawn]
    present += _other_languages_of_professions(batch)
    engine.apply(_search_documents(present), withdrawn)


def _search_documents(present: list[PublishedDocument]) -> list[SearchDocument]:
    """Return documents as an engine indexes them."""
    data_of: dict[str, dict[str, Any]] = {}
    documents = []
    for each in present:
        data = each.data
        data_of[document_key(data["id"], data["locale"])] = data
        documents.append(search_document(data, sequence=each.sequence, expires_at=each.expires_at))
    return with_professions(documents, data_of)


def _other_languages_of_professions(batch: list[PublishedDocument]) -> list[PublishedDocument]:
    """What a profession is called in one language is a label of the others."""
    changed = {each.content_id for each in batch if each.type == "profession"}
    keys = {each.pk for each in batch}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=changed)
    return list(rows.exclude(pk__in=keys).select_related("department")) if changed else []
