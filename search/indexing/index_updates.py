"""Brings an index up to date with the change feed and with the names of concepts, with cursors of its own."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone

from cms.delivery.change_feed import changes
from cms.delivery.models import PublishedDocument
from cms.delivery.page_references import pages_referencing
from cms.media.models import CustomDocument
from search.engines.contract import Engine, Withdrawal
from search.models import ConceptCounter, FileText, IndexCursor
from search.search_documents import SearchDocument, build_search_document, document_key
from search.taxonomy.affected_documents import affected_documents
from search.taxonomy.concepts import add_professions

from .file_texts.attachments import attached_file_hashes, file_texts, truncate_texts

BATCH = 4000  # changes of one commit: each commit has its price
PART = 500
TEXTS = 100  # whose documents are indexed again at once


def apply_feed(engine: Engine, *, progress: Callable[[int], Any] | None = None) -> int:
    """Read the feed from the index's cursor to its end, then what else changed; return how many changes were applied.

    Cursors move after the index has committed: a crash in between applies the same changes again, which changes
    nothing. Raises EngineUnavailable; what was applied until then stays.
    """
    own = get_or_create_cursor(engine.name)
    return _follow_feed(engine, own, progress or _unseen) + _follow_concepts(engine, own)


def get_or_create_cursor(name: str) -> QuerySet[IndexCursor]:
    """Return the cursor of an index; a new one reads the whole feed, with the names of today."""
    IndexCursor.objects.get_or_create(index=name, defaults={"concept_change": ConceptCounter.last_number()})
    return IndexCursor.objects.filter(index=name)


def _unseen(_done: int) -> None:
    """Show no progress."""


def _follow_feed(engine: Engine, own: QuerySet[IndexCursor], progress: Callable[[int], Any]) -> int:
    applied = 0
    while True:
        with engine.write_lock():
            cursor = own.values_list("sequence", flat=True).get()
            batch = changes(cursor, BATCH)
            if not batch:
                return applied
            index_changes(engine, batch)
            sequence = batch[-1].sequence
            own.filter(sequence__lt=sequence).update(sequence=sequence, updated_at=timezone.now())
        applied += len(batch)
        progress(len(batch))


def _follow_concepts(engine: Engine, own: QuerySet[IndexCursor]) -> int:
    """Index again what carries a code that an import gave other names, whenever that was."""
    since, newest = own.values_list("concept_change", flat=True).get(), ConceptCounter.last_number()
    if since >= newest:
        return 0
    applied = 0
    for keys in affected_documents(since):
        with engine.write_lock():
            # Read in turn: what was withdrawn meanwhile must not come back.
            rows = PublishedDocument.objects.public().filter(pk__in=keys)
            documents = list(rows.select_related("department"))
            index_changes(engine, documents)
        applied += len(documents)
    own.filter(concept_change__lt=newest).update(concept_change=newest)
    return applied


def index_changes(engine: Engine, batch: list[PublishedDocument]) -> None:
    """Index a batch of changes. A constant number of queries, whatever its size."""
    withdrawn = [Withdrawal(str(each.content_id), each.locale, each.sequence) for each in batch if each.is_withdrawn]
    present = [each for each in batch if not each.is_withdrawn]
    present += _other_languages_of_professions(batch)
    names = ConceptCounter.last_number()
    unread = _put(engine, present, withdrawn)
    # A text that was read while this was on its way to the index, or another name, may have come there first and have
    # been overwritten.
    if ConceptCounter.last_number() != names or (
        unread and any(text is not None for text in file_texts(unread).values())
    ):
        _put(engine, present, ())


def _put(engine: Engine, present: list[PublishedDocument], withdrawn: Iterable[Withdrawal]) -> set[str]:
    """Put documents into the index with the texts of their files; return the hashes of those yet to be read."""
    unread: set[str] = set()
    # In parts, since a document that is read out of its JSON takes ten times as much memory.
    parts = (present[start : start + PART] for start in range(0, len(present), PART))
    engine.apply((document for part in parts for document in _search_documents(part, unread)), withdrawn)
    return unread


def _search_documents(part: list[PublishedDocument], unread: set[str]) -> list[SearchDocument]:
    """Return documents as an engine indexes them; add to `unread` the hashes of files whose text is not read yet."""
    data_of = {document_key(str(each.content_id), each.locale): each.data for each in part}
    hashes = {key: attached_file_hashes(data) for key, data in data_of.items()}
    texts = file_texts(content_hash for each in hashes.values() for content_hash in each)
    unread |= {content_hash for content_hash, text in texts.items() if text is None}
    documents = []
    for each in part:
        key = document_key(str(each.content_id), each.locale)
        files = truncate_texts(text for content_hash in hashes[key] if (text := texts[content_hash]))
        documents.append(
            build_search_document(data_of[key], sequence=each.sequence, expires_at=each.expires_at, files=files)
        )
    return add_professions(documents, data_of)


def index_file_texts(engine: Engine, *, since: datetime.datetime | None = None) -> int:
    """Index again what shows files that were read meanwhile; return how many texts that were.

    With `since`, those read from that moment on, for an index that is made anew; else those not indexed yet.
    Raises EngineUnavailable; what remains is done the next time.
    """
    read = FileText.objects.exclude(read_at=None)
    read = read.filter(read_at__gte=since) if since else read.filter(is_indexed=False)
    number, last = 0, 0
    while rows := list(read.filter(pk__gt=last).order_by("pk").only("hash")[:TEXTS]):
        files = CustomDocument.objects.filter(file_hash__in=[row.hash for row in rows]).values_list("pk", flat=True)
        kind = ContentType.objects.get_for_model(CustomDocument).pk
        page_ids = sorted(pages_referencing({(kind, str(pk)) for pk in files}))
        for place in range(0, len(page_ids), BATCH):
            with engine.write_lock():
                shown = PublishedDocument.objects.filter(page_id__in=page_ids[place : place + BATCH])
                index_changes(engine, list(shown.filter(is_withdrawn=False).select_related("department")))
        if not since:
            FileText.objects.filter(pk__in=[row.pk for row in rows]).update(is_indexed=True)
        number, last = number + len(rows), rows[-1].pk
    return number


def _other_languages_of_professions(batch: list[PublishedDocument]) -> list[PublishedDocument]:
    """What a profession is called in one language is a label of the others."""
    changed = {each.content_id for each in batch if each.type == "profession"}
    keys = {each.pk for each in batch}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=changed)
    return list(rows.exclude(pk__in=keys).select_related("department")) if changed else []
