"""Applies the change feed and new names of concepts to an index. Each index has its own cursors."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.db.models.functions import Length

from cms.delivery.affected_pages import pages_showing, pages_showing_content
from cms.delivery.change_feed import changes, newest_position
from cms.delivery.models import PublishedDocument
from cms.delivery.models.stored_json import parse_body
from cms.media.models import CustomDocument
from search.engines.contract import Engine, Withdrawal
from search.engines.conversion import FAULTS_OF_THE_MACHINE, converted
from search.models import ConceptCounter, FileText, IndexCursor, UnindexedDocument
from search.search_documents import SearchDocument, build_search_document, document_key
from search.taxonomy.affected_documents import affected_documents
from search.taxonomy.concepts import add_professions

from .feed_position import advance, announce_mark, check_refused, remember_lost_languages, require_position
from .file_texts.attachments import attached_file_hashes, file_texts, truncate_texts
from .unindexed_documents import store_failures

BATCH = 4000  # changes in one commit of the index; a commit is expensive
# Documents whose JSON is in memory at once, and its characters: parsed, it takes ten times as much memory.
CHUNK = 500
CHUNK_CHARACTERS = 5_000_000
TEXTS = 100  # file texts whose documents are indexed together


def apply_feed(engine: Engine, *, progress: Callable[[int], Any] | None = None) -> int:
    """Apply the feed from the index's cursor to its end, then changed names of concepts; return the number of changes.

    Cursors advance after the index has committed: after a crash the same changes are applied again, which has no
    effect. Raises EngineUnavailable; what was applied before that stays. Raises IndexOutOfStep if the index has seen
    another feed than that of this database and must be rebuilt.
    """
    cursors = get_or_create_cursor(engine.name)
    return _apply_changes(engine, cursors, progress or _no_progress) + _apply_concept_changes(engine, cursors)


def get_or_create_cursor(name: str) -> QuerySet[IndexCursor]:
    """Return the cursor of an index. A new cursor starts before the feed and after all changes of concepts."""
    defaults = {"concept_change": ConceptCounter.last_number(), "epoch": newest_position().epoch}
    IndexCursor.objects.get_or_create(index=name, defaults=defaults)
    return IndexCursor.objects.filter(index=name)


def _no_progress(_done: int) -> None:
    """Report nothing."""


def _apply_changes(engine: Engine, cursors: QuerySet[IndexCursor], progress: Callable[[int], Any]) -> int:
    applied = 0
    while True:
        with engine.write_lock():
            cursor = require_position(engine, cursors)
            batch = changes(cursor.sequence, BATCH)
            if not batch:
                return applied
            mark = announce_mark(cursors, cursor.mark)
            index_changes(engine, batch)
            for documents in _earlier_documents_showing_professions(batch):
                _send(engine, documents, ())
            engine.set_mark(mark)
            advance(cursors, batch[-1].sequence, mark)
        applied += len(batch)
        progress(len(batch))


def _apply_concept_changes(engine: Engine, cursors: QuerySet[IndexCursor]) -> int:
    """Index the documents again whose concepts have changed since the cursor; return their number."""
    since, newest = cursors.values_list("concept_change", flat=True).get(), ConceptCounter.last_number()
    if since >= newest:
        return 0
    applied = 0
    for keys in affected_documents(since):
        with engine.write_lock():
            # Read under the lock: a document that was withdrawn meanwhile must not return.
            rows = PublishedDocument.objects.public().filter(pk__in=keys)
            documents = list(rows.select_related("department").defer("body"))
            index_changes(engine, documents)
        applied += len(documents)
    cursors.filter(concept_change__lt=newest).update(concept_change=newest)
    return applied


def index_changes(engine: Engine, batch: list[PublishedDocument]) -> None:
    """Index a batch of changed documents. The number of queries does not depend on its size."""
    withdrawn = [_withdrawal(document) for document in batch if document.is_withdrawn]
    public = [document for document in batch if not document.is_withdrawn]
    public += _other_languages_of_professions(batch)
    concept_change = ConceptCounter.last_number()
    unread = _send(engine, public, withdrawn)
    # Another process may have indexed a file text or a name of a concept that was stored after this batch was read, and
    # this batch may have overwritten it.
    has_new_concepts = ConceptCounter.last_number() != concept_change
    if has_new_concepts or (unread and any(text is not None for text in file_texts(unread).values())):
        _send(engine, public, ())


def _send(engine: Engine, public: list[PublishedDocument], withdrawn: Iterable[Withdrawal]) -> set[str]:
    """Send documents with the texts of their files to the index; return the hashes of files that are not read yet."""
    unread: set[str] = set()
    failed: dict[str, str] = {}
    withdrawn = list(withdrawn)
    remember_lost_languages(engine)
    applied = engine.apply(
        (document for chunk in _chunks(public) for document in _search_documents(chunk, unread, failed)), withdrawn
    )
    refused = applied.refused
    if failed:  # The index may have an earlier version, with words that are no longer public.
        lost = [document for document in public if _key(document) in failed]
        refused |= engine.apply((), list(map(_withdrawal, lost))).refused
    handled = {*map(_key, public), *(document_key(change.content_id, change.locale) for change in withdrawn)}
    store_failures(engine.name, handled, failed | applied.failed)
    check_refused(IndexCursor.objects.filter(index=engine.name), refused)
    return unread


def _chunks(documents: list[PublishedDocument]) -> Iterator[dict[int, PublishedDocument]]:
    """Yield documents of which not more is parsed at once than the constants say, or one that is longer.

    Two queries for each number of CHUNK, and one more for each CHUNK_CHARACTERS.
    """
    for start in range(0, len(documents), CHUNK):
        by_key = {document.pk: document for document in documents[start : start + CHUNK]}
        rows = PublishedDocument.objects.filter(pk__in=by_key).annotate(length=Length("body"))
        lengths = dict(rows.values_list("pk", "length"))
        chunk: dict[int, PublishedDocument] = {}
        length = 0
        for key, document in by_key.items():
            length += lengths.get(key, 0)
            if chunk and length > CHUNK_CHARACTERS:
                yield chunk
                chunk, length = {}, lengths.get(key, 0)
            chunk[key] = document
        yield chunk


def _search_documents(
    chunk: dict[int, PublishedDocument], unread: set[str], failed: dict[str, str]
) -> Iterator[SearchDocument]:
    """Yield documents as an engine indexes them; add the hashes of files that are not read yet to `unread`.

    The errors of documents that cannot be converted are added to `failed` by key.
    """
    # The index keeps what it has of a document that cannot be read, until the publisher has written it again.
    # One that has been withdrawn since the chunk was read has none: its tombstone comes later in the feed.
    bodies = PublishedDocument.objects.filter(pk__in=chunk).values_list("pk", "body", "page_id")
    data_of = {_key(chunk[pk]): data for pk, body, page_id in bodies if (data := parse_body(body, page_id))}
    hashes_of = {key: converted(key, partial(attached_file_hashes, data), failed) for key, data in data_of.items()}
    texts = file_texts(content_hash for hashes in hashes_of.values() for content_hash in hashes or ())
    unread |= {content_hash for content_hash, text in texts.items() if text is None}
    documents = []
    for document in chunk.values():
        key = _key(document)
        if (hashes := hashes_of.get(key)) is None:
            continue
        files = truncate_texts(text for content_hash in hashes if (text := texts[content_hash]))
        build = partial(
            build_search_document,
            data_of[key],
            sequence=document.sequence,
            expires_at=document.expires_at,
            over_at=document.over_at,
            files=files,
        )
        if (built := converted(key, build, failed)) is not None:
            documents.append(built)
    try:
        complete = add_professions(documents, data_of)
    except FAULTS_OF_THE_MACHINE:
        raise
    except Exception:  # The others than the one that has caused it are found when each is converted alone.
        alone = (converted(each.key, partial(add_professions, [each], data_of), failed) for each in documents)
        complete = [document for found in alone for document in found or ()]
    yield from complete


def _key(document: PublishedDocument) -> str:
    return document_key(str(document.content_id), document.locale)


def _withdrawal(document: PublishedDocument) -> Withdrawal:
    return Withdrawal(str(document.content_id), document.locale, document.sequence)


def index_failed_documents(engine: Engine) -> int:
    """Index again the documents that could not be converted; return their number. Raises EngineUnavailable."""
    rows = UnindexedDocument.objects.filter(index=engine.name)
    content_ids = sorted(set(rows.values_list("content_id", flat=True)))
    for start in range(0, len(content_ids), CHUNK):
        with engine.write_lock():
            shown = PublishedDocument.objects.filter(content_id__in=content_ids[start : start + CHUNK])
            index_changes(engine, list(shown.select_related("department").defer("body")))
    return len(content_ids)


def index_file_texts(engine: Engine, *, since: datetime.datetime | None = None) -> int:
    """Index again the documents that show newly read files; return the number of files.

    `since` selects files read since that time, for an index that is being built; None selects files not indexed yet.
    Raises EngineUnavailable; the remaining texts are indexed by the next call.
    """
    read = FileText.objects.exclude(read_at=None)
    read = read.filter(read_at__gte=since) if since else read.filter(is_indexed=False)
    number, last = 0, 0
    while rows := list(read.filter(pk__gt=last).order_by("pk").only("hash")[:TEXTS]):
        files = CustomDocument.objects.filter(file_hash__in=[row.hash for row in rows]).values_list("pk", flat=True)
        content_type = ContentType.objects.get_for_model(CustomDocument).pk
        page_ids = sorted(pages_showing(content_type, list(files)))
        for start in range(0, len(page_ids), BATCH):
            with engine.write_lock():
                shown = PublishedDocument.objects.filter(page_id__in=page_ids[start : start + BATCH])
                index_changes(engine, list(shown.filter(is_withdrawn=False).select_related("department").defer("body")))
        if not since:
            FileText.objects.filter(pk__in=[row.pk for row in rows]).update(is_indexed=True)
        number, last = number + len(rows), rows[-1].pk
    return number


def _other_languages_of_professions(batch: list[PublishedDocument]) -> list[PublishedDocument]:
    """Return the documents of the professions of a batch in other languages, since their labels contain its titles."""
    changed = {document.content_id for document in batch if document.type == "profession"}
    keys = {document.pk for document in batch}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=changed)
    return list(rows.exclude(pk__in=keys).select_related("department").defer("body")) if changed else []


def _earlier_documents_showing_professions(batch: list[PublishedDocument]) -> Iterator[list[PublishedDocument]]:
    """Yield the documents before a batch of the feed that show its professions, `CHUNK` at a time.

    Their entries contain the names and codes of these professions, which are not all in the documents. Later documents
    are indexed with the new names when their turn comes.
    """
    changed = {document.content_id for document in batch if document.type == "profession"}
    page_ids = sorted(pages_showing_content(changed)) if changed else []
    earlier = PublishedDocument.objects.public().filter(sequence__lt=batch[0].sequence).exclude(type="profession")
    for start in range(0, len(page_ids), CHUNK):
        rows = earlier.filter(page_id__in=page_ids[start : start + CHUNK])
        if documents := list(rows.select_related("department").defer("body")):
            yield documents
