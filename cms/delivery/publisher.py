"""Writes published documents. No other module writes them.

A change (of a page, an image that pages show, a host name) adds RefreshRequests in its own transaction. After the
commit, `process_refresh_requests` locks the feed counter, reads the current pages, and writes, renumbers or withdraws
their documents. Reading under the lock keeps a slow writer from overwriting a newer state.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from wagtail.models import Page, ReferenceIndex

from cms.pages.models import ContentPage, CopyOrigin
from sites.models import Department

from .change_feed import feed_advanced
from .models import FeedCounter, Placement, PublishedDocument, RefreshRequest
from .page_batch import PageBatch, card_of, load_pages, public_until
from .page_references import page_reference_targets, pages_referencing
from .placement import PlannedPlacement

logger = logging.getLogger(__name__)

BATCH_SIZE = 50
MAXIMUM_ATTEMPTS = 5


def process_refresh_requests(*, retry_failed: bool = False) -> int:
    """Bring the documents up to date with all that is asked for; return how many pages were looked at.

    A page whose serializer fails keeps its request, with the error, and does not hold up the others. After five
    attempts only `retry_failed` takes it up again.
    """
    looked_at = 0
    failed: set[int] = set()
    while True:
        with transaction.atomic():
            counter = FeedCounter.locked()
            requests = RefreshRequest.objects.exclude(pk__in=failed).order_by("pk")
            if not retry_failed:
                requests = requests.filter(attempts__lt=MAXIMUM_ATTEMPTS)
            batch = list(requests[:BATCH_SIZE])
            if not batch:
                return looked_at
            page_ids = _page_ids_of(batch)
            errors = refresh_pages(page_ids, counter)
            looked_at += len(page_ids)
            failed |= _settle(batch, errors)


def refresh_pages(page_ids: set[int], counter: FeedCounter) -> dict[int, str]:
    """Make, renumber or withdraw the documents of pages; return the errors by page id.

    Runs in the caller's transaction, under the feed's lock. What else has to follow is left as RefreshRequests.
    """
    last = counter.last
    pages = load_pages(page_ids)
    writer = DocumentWriter(counter)
    # First, so that no other page of the batch shows the card of one that is gone.
    for document in PublishedDocument.objects.filter(
        page_id__in=page_ids - {page.pk for page in pages}, is_withdrawn=False
    ):
        writer.withdraw(document)
    batch = PageBatch(pages)
    errors: dict[int, str] = {}
    for page in pages:
        try:
            with transaction.atomic():
                writer.update(page, batch)
        except Exception as error:  # One page must not hold up the others; the request keeps the error.
            logger.exception("page %s could not be published as a document", page.pk)
            errors[page.pk] = f"{type(error).__name__}: {error}"
    if counter.last != last:
        transaction.on_commit(_announce)
    counter.save()
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(writer.dependent_pages()))
    return errors


def _announce() -> None:
    feed_advanced.send(sender=PublishedDocument)


class DocumentWriter:
    """Writes the documents of one batch and notes whose cards or addresses changed."""

    def __init__(self, counter: FeedCounter) -> None:
        self.counter = counter
        self._changed_cards: defaultdict[UUID, set[int]] = defaultdict(set)
        self._displaced_pages: set[int] = set()

    def update(self, page: Page, batch: PageBatch) -> None:
        """Bring the document of one page of a batch up to date."""
        document = batch.siblings[page.translation_key].get(page.locale.language_code)
        if batch.is_public(page):
            self._write(page, document, batch)
        elif document is not None and document.page_id == page.pk and not document.is_withdrawn:
            self.withdraw(document)

    def withdraw(self, document: PublishedDocument) -> None:
        """Turn a document into a tombstone."""
        document.is_withdrawn = True
        document.body = document.etag = document.card = ""
        document.expires_at = document.refresh_at = None
        document.sequence = self.counter.next()
        document.changed_at = timezone.now()
        document.save()
        self._give_way(document)
        document.placements.all().delete()
        self._changed_cards[document.content_id].add(document.page_id)

    def dependent_pages(self) -> set[int]:
        """Return the pages whose documents show something that this batch changed."""
        if not (self._changed_cards or self._displaced_pages):
            return set()
        versions = PublishedDocument.objects.filter(content_id__in=self._changed_cards)
        page_ids: set[int] = set()
        siblings: set[int] = set()
        for content_id, page_id in versions.values_list("content_id", "page_id"):
            page_ids.add(page_id)
            changed_here = self._changed_cards[content_id]
            # Written together, two locales have not seen each other's new card yet.
            if page_id not in changed_here or len(changed_here) > 1:
                siblings.add(page_id)
        copies = CopyOrigin.objects.filter(origin_key__in=self._changed_cards).values("content_key")
        siblings.update(Page.objects.filter(translation_key__in=copies).values_list("pk", flat=True))
        return siblings | pages_referencing(page_reference_targets(page_ids)) | self._displaced_pages

    def _write(self, page: ContentPage, document: PublishedDocument | None, batch: PageBatch) -> None:
        standings = batch.planned_placements(page)
        data, context = batch.document(page, standings)
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        card = json.dumps(card_of(data), ensure_ascii=False, separators=(",", ":"))
        etag = hashlib.sha256(body.encode()).hexdigest()
        columns = {
            "department_id": batch.owner_of(page).pk,
            "type": data["type"],
            "page_id": page.pk,
            "title": data["title"],
            "path": data["path"],
            "tree_path": page.path,
            "in_menu": page.show_in_menus,
            "is_original": data["translation"]["status"] == "original",
            "expires_at": public_until(page),
            "refresh_at": context.refresh_due_at,
        }
        if document is None:
            document = PublishedDocument(content_id=page.translation_key, locale=data["locale"])
        has_new_body, has_new_card = document.etag != etag, document.card != card
        has_new_standing = document.expires_at != columns["expires_at"] or self._is_misplaced(document, standings)
        if has_new_body or has_new_standing:
            document.is_withdrawn = False
            document.sequence = self.counter.next()
            document.changed_at = timezone.now()
        columns |= {"body": body, "etag": etag, "card": card}
        if has_new_standing or any(getattr(document, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(document, name, value)
            document.save()
        self._place(document, standings)
        if has_new_body:
            # The index is otherwise brought up to date by a task, which may run after the next change of something
            # that this document shows.
            ReferenceIndex.create_or_update_for_object(page)
        if has_new_card:
            self._changed_cards[document.content_id].add(document.page_id)
        batch.siblings[document.content_id][document.locale] = document

    @staticmethod
    def _is_misplaced(document: PublishedDocument, standings: list[PlannedPlacement]) -> bool:
        """Whether the document stands on other departments' sites than it should."""
        if document.pk is None:
            return False
        wanted = {standing.department.pk for standing in standings}
        return wanted != {each.department_id for each in document.placements.all()}

    def _place(self, document: PublishedDocument, standings: list[PlannedPlacement]) -> None:
        """Put the document on the sites where it should stand and off all others."""
        wanted = {standing.department.pk: (standing.path, standing.is_owner) for standing in standings}
        current = {
            placement.department_id: (placement.path, placement.is_canonical) for placement in document.placements.all()
        }
        if wanted == current:
            return
        self._give_way(document)
        document.placements.all().delete()
        Placement.objects.bulk_create(
            Placement(document=document, department_id=department_id, path=path, is_canonical=is_canonical)
            for department_id, (path, is_canonical) in wanted.items()
        )
        self._give_way(document)

    def _give_way(self, document: PublishedDocument) -> None:
        """Have the guests looked at again whose place depends on the document's.

        A site's own page has the better right to a path; when it comes or goes, guests there change their path.
        """
        own_paths = Placement.objects.filter(document_id=document.pk, is_canonical=True)
        for department_id, path in own_paths.values_list("department_id", "path"):
            guests = Placement.objects.filter(department_id=department_id, document__path=path, is_canonical=False)
            self._displaced_pages.update(guests.values_list("document__page_id", flat=True))


def withdraw_department(department: Department, counter: FeedCounter) -> int:
    """Turn the documents of a department that leaves into tombstones that outlive it; return how many there are.

    Runs in the caller's transaction, under the feed's lock.
    """
    writer = DocumentWriter(counter)
    documents = PublishedDocument.objects.filter(department=department)
    for document in documents.filter(is_withdrawn=False).order_by("sequence").iterator(chunk_size=500):
        writer.withdraw(document)
    counter.save()
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(writer.dependent_pages()))
    return documents.update(department=None, former_department=department.slug)


def _page_ids_of(requests: Iterable[RefreshRequest]) -> set[int]:
    """Return the pages to look at now; what is wider than one page is spread into requests of its own."""
    page_type = ContentType.objects.get_for_model(Page)
    page_ids: set[int] = set()
    spread: set[int] = set()
    for request in requests:
        if request.content_type_id != page_type.pk:
            spread |= _pages_showing_object(request)
        elif request.scope == RefreshRequest.Scope.ORDER:
            _copy_order(request.object_id)
        else:
            page_ids.add(request.object_id)
            if request.scope == RefreshRequest.Scope.SUBTREE:
                spread |= set(_below(request.object_id).values_list("pk", flat=True))
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(spread), batch_size=500)
    return page_ids


def _pages_showing_object(request: RefreshRequest) -> set[int]:
    """Return the pages that show an object, after indexing what it refers to itself (an image: its consent)."""
    instance = request.content_type.get_all_objects_for_this_type(pk=request.object_id).first()
    if instance is not None:
        ReferenceIndex.create_or_update_for_object(instance)
    return pages_referencing({(request.content_type_id, str(request.object_id))})


def _copy_order(page_id: int) -> None:
    """Copy the places in the page tree of the pages below; no document shows them."""
    current_path = Page.objects.filter(pk=OuterRef("page_id")).values("path")
    documents = PublishedDocument.objects.filter(page_id__in=_below(page_id).values("pk"))
    documents.update(tree_path=Subquery(current_path))


def _below(page_id: int) -> QuerySet[Page]:
    page = Page.objects.filter(pk=page_id).first()
    return Page.objects.none() if page is None else Page.objects.descendant_of(page)


def _settle(requests: Iterable[RefreshRequest], errors: dict[int, str]) -> set[int]:
    """Delete the requests that were met; keep one for each page that failed, with its error. Returns the kept keys."""
    kept: dict[int, int] = {}
    page_type = ContentType.objects.get_for_model(Page)
    for request in requests:
        error = errors.get(request.object_id) if request.content_type_id == page_type.pk else None
        if error is not None and request.object_id not in kept:
            request.attempts, request.error = request.attempts + 1, error
            request.scope = RefreshRequest.Scope.OBJECT  # Spread already.
            request.save()
            kept[request.object_id] = request.pk
    met = {request.pk for request in requests} - set(kept.values())
    RefreshRequest.objects.filter(pk__in=met).delete()
    return set(kept.values())
