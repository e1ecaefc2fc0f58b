"""Writes published documents. No other module writes them.

A change (of a page, an image that pages show, a host name) adds RefreshRequests in its own transaction. After the
commit, the editor's request writes the documents of its own pages; the worker, or a thread of the process, computes the
other pages that are affected and writes their documents. Both lock the feed counter first and read the current pages
under the lock, which keeps a slow writer from overwriting a newer state.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from datetime import timedelta
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber, Substr
from django.utils import timezone
from wagtail.models import Page

from cms.request_transactions.repetition import repeat_on_collision
from sites.access.ownership import CONTAINER_DEPTH
from sites.models import Department

from .affected_pages import resolve
from .change_feed import feed_advanced
from .documents.document_writer import Composition, DocumentWriter
from .documents.page_batch import PageBatch, load_base_pages, load_pages
from .documents.untranslated_texts import aliases_in_another_language, prepared_marks
from .models import FeedCounter, PublicationState, PublishedDocument, RefreshRequest

logger = logging.getLogger(__name__)

BATCH_SIZE = 50
# On SQLite a batch blocks all writers. Editors get a turn during the pause.
SQLITE_BATCH_SIZE = 30
SQLITE_PAUSE = 0.1
# The time in which texts of incomplete translations are divided before a batch. The page that is begun is finished
# afterwards. A request for a withdrawal waits as long.
PREPARATION_SECONDS = 2
# The number of headers that take as long as one whole document.
HEADERS_PER_PAGE = 4
# Pages of one transaction whose documents are written at once, in the request that changed them.
MAXIMUM_OWN_PAGES = 10
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=1)

Change = RefreshRequest.Change
PAGE_CHANGES = (Change.OBJECT, Change.HEADER)


def process_refresh_requests(*, retry_failed: bool = False) -> int:
    """Process all refresh requests, in batches; return the number of pages that were examined.

    A page whose document cannot be written is recorded with the error, and does not stop the others. It is tried again
    at the `next_change_at` of its PublicationState; with `retry_failed` now.
    """
    if retry_failed:
        with transaction.atomic():
            failed = PublicationState.objects.exclude(error="").values_list("page_id", flat=True)
            RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(failed))
    examined = 0
    # Texts of incomplete translations are divided before the lock is taken: large pages need seconds for it.
    allowed = Department.objects.filter(publishes_partial_translations=True)
    has_incomplete = allowed.exists() or aliases_in_another_language().exists()
    while (batch := repeat_on_collision(partial(_process_batch, has_incomplete))) is not None:
        examined += batch
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            time.sleep(SQLITE_PAUSE)
    return examined


def publish_own_pages(page_ids: Collection[int]) -> dict[int, str]:
    """Write the documents of pages that a transaction has just changed, and the headers of their translations.

    Return the error messages by page id.

    Pages without a request are skipped: their change was rolled back, or somebody else has published them.
    """
    with prepared_marks(list(page_ids)), transaction.atomic():
        counter = FeedCounter.locked()
        requests = _page_requests(page_ids, Change.OBJECT)
        changed = set(requests.values())
        if not changed:
            return {}
        keys = Page.objects.filter(pk__in=changed).values("translation_key")
        languages = set(Page.objects.filter(translation_key__in=keys).values_list("pk", flat=True))
        errors = refresh_pages(changed, counter, languages - changed)
        RefreshRequest.objects.filter(pk__in=requests).delete()
        return errors


def _process_batch(has_incomplete: bool) -> int | None:
    """Process the oldest requests in one transaction; return the number of examined pages, None without requests.

    Pages whose texts take long to divide wait for one of the next batches: a withdrawal comes before them then.
    """
    size = batch_size()
    incomplete: list[int] = []
    if has_incomplete:
        single, others = _next_requests(size)
        incomplete = [] if others else [each.object_id for each in single if each.change == Change.OBJECT]
    with prepared_marks(incomplete, PREPARATION_SECONDS) as unprepared, transaction.atomic():
        counter = FeedCounter.locked()
        single, others = _next_requests(size)
        if others:
            _queue_affected_pages(others)
            RefreshRequest.objects.filter(pk__in=[each.pk for each in others]).delete()
            return 0
        if not single:
            return None
        ready = [each for each in single if each.change != Change.OBJECT or each.object_id not in unprepared]
        page_ids, header_ids = _first_pages(ready, size)
        # Younger requests for the same pages are done too: their changes are committed, and are read now.
        done = _page_requests(page_ids, Change.OBJECT) | _page_requests(page_ids | header_ids, Change.HEADER)
        refresh_pages(page_ids, counter, header_ids - page_ids)
        RefreshRequest.objects.filter(pk__in=done).delete()
        return len(page_ids | header_ids)


def _next_requests(size: int) -> tuple[list[RefreshRequest], list[RefreshRequest]]:
    """Return the next requests that name pages, or those that name other objects: all urgent, or none.

    Other objects come first: their pages get requests of their own. Beyond the number of one call, departments follow
    each other in rotation: thousands of pages of one do not hold back the withdrawals of others.
    """
    number = size * HEADERS_PER_PAGE
    page_type = ContentType.objects.get_for_model(Page).pk
    oldest = list(RefreshRequest.objects.order_by("-is_urgent", "pk")[:number])
    batch = [each for each in oldest if each.is_urgent == oldest[0].is_urgent]
    single = [each for each in batch if each.content_type_id == page_type and each.change in PAGE_CHANGES]
    others = [each for each in batch if each not in single]
    if others or len(batch) < number:
        return ([], others) if others else (single, [])
    requests = RefreshRequest.objects.filter(is_urgent=oldest[0].is_urgent)
    of_pages = Q(content_type=page_type, change__in=PAGE_CHANGES)
    others = list(requests.exclude(of_pages).order_by("pk")[:number])
    return ([], others) if others else (list(_in_rotation(requests.filter(of_pages))[:number]), [])


def _in_rotation(requests: QuerySet[RefreshRequest]) -> QuerySet[RefreshRequest]:
    """Return requests that name pages: the oldest of each department, then the second ones, and so on."""
    path = Page.objects.filter(pk=OuterRef("object_id")).values("path")
    department = Substr(Subquery(path), 1, CONTAINER_DEPTH * Page.steplen)
    rank = Window(RowNumber(), partition_by=department, order_by="pk")
    return requests.annotate(rank=rank).order_by("rank", "pk")


def _first_pages(requests: list[RefreshRequest], size: int) -> tuple[set[int], set[int]]:
    """Return the first pages of which the documents, and of which the headers are to be written."""
    page_ids: set[int] = set()
    header_ids: set[int] = set()
    for request in requests:
        if len(page_ids) * HEADERS_PER_PAGE + len(header_ids) >= size * HEADERS_PER_PAGE:
            break
        (page_ids if request.change == Change.OBJECT else header_ids).add(request.object_id)
    return page_ids, header_ids


def _page_requests(page_ids: Collection[int], change: str) -> dict[int, int]:
    """Return the requests for the documents of pages: their keys with the ids of their pages."""
    if not page_ids:
        return {}
    page_type = ContentType.objects.get_for_model(Page)
    rows = RefreshRequest.objects.filter(content_type=page_type, object_id__in=page_ids, change=change)
    return dict(rows.values_list("pk", "object_id"))


def _queue_affected_pages(requests: list[RefreshRequest]) -> None:
    """Add a request for each page that the changed objects of other requests affect."""
    for is_urgent, affected in resolve(requests).items():
        rows = RefreshRequest.for_pages(affected.pages, urgent=is_urgent)
        rows += RefreshRequest.for_pages(affected.headers - affected.pages, Change.HEADER, urgent=is_urgent)
        RefreshRequest.objects.bulk_create(rows, batch_size=500)


def batch_size() -> int:
    """Return the number of pages that one transaction writes."""
    return SQLITE_BATCH_SIZE if connection.vendor == "sqlite" else BATCH_SIZE


def refresh_pages(
    page_ids: Collection[int], counter: FeedCounter, header_ids: Collection[int] = frozenset()
) -> dict[int, str]:
    """Write, renumber or withdraw the documents of pages; return error messages by page id.

    Of the pages in `header_ids` only the stored documents are changed: URLs, holders, other languages. Runs in the
    caller's transaction, with the feed counter locked. Pages that depend on the changes are added as RefreshRequests.
    """
    if not page_ids and not header_ids:
        return {}
    last_before = counter.last
    errors: dict[int, str] = {}
    try:
        with transaction.atomic():
            _refresh(set(page_ids), set(header_ids), counter, errors)
    except OperationalError:
        raise  # A lock or a lost connection concerns no page.
    except Exception as error:
        counter.last = last_before
        errors = _refresh_halves(list(page_ids), list(header_ids), counter, error)
    else:
        _record_failures(errors)
    if counter.last != last_before:
        transaction.on_commit(_send_feed_advanced)
    return errors


def _refresh_halves(
    page_ids: list[int], header_ids: list[int], counter: FeedCounter, error: Exception
) -> dict[int, str]:
    """Refresh the pages in two halves after an error that spoiled the batch; record it if there is one page only."""
    if len(page_ids) + len(header_ids) == 1:
        logger.error("page %s could not be published as a document", (page_ids + header_ids)[0], exc_info=error)
        errors = {(page_ids + header_ids)[0]: _message(error)}
        _record_failures(errors)
        return errors
    if page_ids and header_ids:
        return refresh_pages(page_ids, counter) | refresh_pages((), counter, header_ids)
    ids = sorted(page_ids or header_ids)
    errors = {}
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        errors |= refresh_pages(half, counter) if page_ids else refresh_pages((), counter, half)
    return errors


def _refresh(page_ids: set[int], header_ids: set[int], counter: FeedCounter, errors: dict[int, str]) -> None:
    pages = load_pages(page_ids) if page_ids else []
    headers = load_base_pages(header_ids) if header_ids else []
    writer = DocumentWriter(counter)
    missing = page_ids - {page.pk for page in pages}
    for page in pages:
        if _is_incomplete(page):
            logger.error("page %s has no row of its type: its document stays as it is", page.pk)
            errors[page.pk] = "the row of the page's type is missing from the database"
    pages = [page for page in pages if page.pk not in errors]
    _withdraw_missing(missing, writer)
    batch = PageBatch(pages, headers)
    compositions: list[Composition] = []
    for page in pages:
        try:
            composition = writer.compose(page, batch)
        except DatabaseError:
            raise
        except Exception as error:  # One page must not stop the others.
            logger.exception("page %s could not be published as a document", page.pk)
            errors[page.pk] = _message(error)
        else:
            compositions += [composition] if composition is not None else []
    bodies = (
        dict(PublishedDocument.objects.filter(page_id__in=header_ids).values_list("page_id", "body")) if headers else {}
    )
    for page in headers:
        if batch.department_of(page) is not None and (
            composition := writer.compose_header(page, bodies.get(page.pk, ""), batch)
        ):
            compositions.append(composition)
    for composition in compositions:
        writer.write(composition, batch)
    displaced = writer.finish()
    counter.save()
    _queue_dependent_pages(writer, missing, displaced)


def _is_incomplete(page: Page) -> bool:
    """Return True for a public page that Wagtail loaded without the fields of its type, whose row is lost."""
    expected = page.specific_class
    return expected is not None and not isinstance(page, expected) and page.live and not page.is_restricted


def _withdraw_missing(page_ids: set[int], writer: DocumentWriter) -> None:
    """Withdraw the documents of deleted pages first, so that no other page of the batch shows their cards."""
    if page_ids:
        public = PublishedDocument.objects.filter(page_id__in=page_ids, is_withdrawn=False)
        for document in public.defer("body").prefetch_related("placements"):
            writer.withdraw(document)
        writer.discard_pages(page_ids)


def _queue_dependent_pages(writer: DocumentWriter, missing: set[int], displaced: set[int]) -> None:
    """Queue the cards that changed, and the shared documents whose path may change."""
    withdrawn = {page_id for page_id, is_withdrawn in writer.changed_cards.items() if is_withdrawn} | missing
    rows = RefreshRequest.for_pages(writer.changed_cards.keys() - withdrawn, Change.CARD)
    rows += RefreshRequest.for_pages(withdrawn, Change.CARD, urgent=True)
    rows += RefreshRequest.for_pages(displaced, Change.HEADER)
    RefreshRequest.objects.bulk_create(rows)


def _record_failures(errors: dict[int, str]) -> None:
    """Store the errors of pages. Each attempt doubles the time until the next one, up to LAST_RETRY."""
    states = PublicationState.objects.in_bulk(errors)
    now = timezone.now()
    for page_id, error in errors.items():
        state = states.get(page_id) or PublicationState(page_id=page_id)
        state.error, state.failed_at = error, state.failed_at or now
        state.next_change_at = now + min(FIRST_RETRY * 2 ** min(state.attempts, 10), LAST_RETRY)
        state.attempts += 1
        state.save()


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _send_feed_advanced() -> None:
    feed_advanced.send(sender=PublishedDocument)


def withdraw_department(department: Department, counter: FeedCounter) -> int:
    """Convert all documents of a retiring department to tombstones that outlive it; return their number.

    Runs in the caller's transaction, with the feed counter locked.
    """
    writer = DocumentWriter(counter)
    documents = PublishedDocument.objects.filter(department=department)
    public = documents.filter(is_withdrawn=False).order_by("sequence").prefetch_related("placements")
    for document in public.iterator(chunk_size=500):
        writer.withdraw(document)
    displaced = writer.finish()
    counter.save()
    _queue_dependent_pages(writer, set(), displaced)
    return documents.update(department=None, former_department=department.slug)
