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

from cms.media.models import PublicFile
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
    """Process all refresh requests, in batches; return the number of pages that were examined.

    A page whose serializer fails keeps its request, with the error, and does not stop the others. After
    MAXIMUM_ATTEMPTS attempts the request is processed only with `retry_failed`.
    """
    examined = 0
    failed: set[int] = set()
    while True:
        with transaction.atomic():
            counter = FeedCounter.locked()
            requests = RefreshRequest.objects.exclude(pk__in=failed).order_by("pk")
            if not retry_failed:
                requests = requests.filter(attempts__lt=MAXIMUM_ATTEMPTS)
            batch = list(requests[:BATCH_SIZE])
            if not batch:
                return examined
            page_ids = _pages_to_refresh(batch)
            errors = refresh_pages(page_ids, counter)
            examined += len(page_ids)
            failed |= _delete_processed(batch, errors)


def refresh_pages(page_ids: set[int], counter: FeedCounter) -> dict[int, str]:
    """Write, renumber or withdraw the documents of pages; return error messages by page id.

    Runs in the caller's transaction, with the feed counter locked. Pages that depend on the changes are added as
    RefreshRequests.
    """
    last_before = counter.last
    pages = load_pages(page_ids)
    writer = DocumentWriter(counter)
    # Deleted pages first, so that no other page of the batch shows their cards.
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
        except Exception as error:  # One page must not stop the others; the request stores the error.
            logger.exception("page %s could not be published as a document", page.pk)
            errors[page.pk] = f"{type(error).__name__}: {error}"
    if counter.last != last_before:
        transaction.on_commit(_send_feed_advanced)
    counter.save()
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(writer.dependent_pages()))
    return errors


def _send_feed_advanced() -> None:
    feed_advanced.send(sender=PublishedDocument)


class DocumentWriter:
    """A writer of the documents of one batch. It records the contents whose cards or paths changed."""

    def __init__(self, counter: FeedCounter) -> None:
        self.counter = counter
        self._changed_cards: defaultdict[UUID, set[int]] = defaultdict(set)
        self._displaced_pages: set[int] = set()

    def update(self, page: Page, batch: PageBatch) -> None:
        """Write the document of a page of the batch if the page is public, otherwise withdraw it."""
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
        document.files.all().delete()
        self._record_displaced_pages(document)
        document.placements.all().delete()
        self._changed_cards[document.content_id].add(document.page_id)

    def dependent_pages(self) -> set[int]:
        """Return the ids of pages whose documents show something that this batch changed."""
        if not (self._changed_cards or self._displaced_pages):
            return set()
        versions = PublishedDocument.objects.filter(content_id__in=self._changed_cards)
        page_ids: set[int] = set()
        siblings: set[int] = set()
        for content_id, page_id in versions.values_list("content_id", "page_id"):
            page_ids.add(page_id)
            written_pages = self._changed_cards[content_id]
            # Two locales of a content that are written in one batch do not have each other's new card yet.
            if page_id not in written_pages or len(written_pages) > 1:
                siblings.add(page_id)
        copies = CopyOrigin.objects.filter(origin_key__in=self._changed_cards).values("content_key")
        siblings.update(Page.objects.filter(translation_key__in=copies).values_list("pk", flat=True))
        return siblings | pages_referencing(page_reference_targets(page_ids)) | self._displaced_pages

    def _write(self, page: ContentPage, document: PublishedDocument | None, batch: PageBatch) -> None:
        """Store the document of a public page. It gets a new sequence number only if a reader can see a change."""
        planned = batch.planned_placements(page)
        data, context = batch.document(page, planned)
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
        has_new_visibility = document.expires_at != columns["expires_at"] or self._is_misplaced(document, planned)
        if has_new_body or has_new_visibility:
            document.is_withdrawn = False
            document.sequence = self.counter.next()
            document.changed_at = timezone.now()
        columns |= {"body": body, "etag": etag, "card": card}
        if has_new_visibility or any(getattr(document, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(document, name, value)
            document.save()
        self._place(document, planned)
        self._store_files(document, context.file_names)
        if has_new_body:
            # Wagtail updates the index in a task, which may run after the next change of an object shown here.
            ReferenceIndex.create_or_update_for_object(page)
        if has_new_card:
            self._changed_cards[document.content_id].add(document.page_id)
        batch.siblings[document.content_id][document.locale] = document

    @staticmethod
    def _is_misplaced(document: PublishedDocument, planned: list[PlannedPlacement]) -> bool:
        """Return True if the document is placed on the sites of other departments than planned."""
        if document.pk is None:
            return False
        planned_ids = {placement.department.pk for placement in planned}
        return planned_ids != {placement.department_id for placement in document.placements.all()}

    def _place(self, document: PublishedDocument, planned: list[PlannedPlacement]) -> None:
        """Replace the placements of a document if they differ from the planned ones."""
        wanted = {placement.department.pk: (placement.path, placement.is_owner) for placement in planned}
        current = {
            placement.department_id: (placement.path, placement.is_canonical) for placement in document.placements.all()
        }
        if wanted == current:
            return
        self._record_displaced_pages(document)
        document.placements.all().delete()
        Placement.objects.bulk_create(
            Placement(document=document, department_id=department_id, path=path, is_canonical=is_canonical)
            for department_id, (path, is_canonical) in wanted.items()
        )
        self._record_displaced_pages(document)

    @staticmethod
    def _store_files(document: PublishedDocument, names: set[str]) -> None:
        """Make the files that a document shows public, and no longer those that it showed before."""
        wanted = {(name, document.expires_at) for name in names}
        if wanted == {(file.name, file.public_until) for file in document.files.all()}:
            return
        document.files.all().delete()
        PublicFile.objects.bulk_create(
            PublicFile(document=document, name=name, public_until=public_until) for name, public_until in sorted(wanted)
        )

    def _record_displaced_pages(self, document: PublishedDocument) -> None:
        """Record the pages of shared documents whose path conflicts with a canonical path of this document.

        A department's own page takes precedence on its site. When it gets or loses a path, a shared document that
        claims the same path has to change its own.
        """
        canonical_paths = Placement.objects.filter(document_id=document.pk, is_canonical=True)
        for department_id, path in canonical_paths.values_list("department_id", "path"):
            shared = Placement.objects.filter(department_id=department_id, document__path=path, is_canonical=False)
            self._displaced_pages.update(shared.values_list("document__page_id", flat=True))


def withdraw_department(department: Department, counter: FeedCounter) -> int:
    """Turn all documents of a retiring department into tombstones that outlive it; return their number.

    Runs in the caller's transaction, with the feed counter locked.
    """
    writer = DocumentWriter(counter)
    documents = PublishedDocument.objects.filter(department=department)
    for document in documents.filter(is_withdrawn=False).order_by("sequence").iterator(chunk_size=500):
        writer.withdraw(document)
    counter.save()
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(writer.dependent_pages()))
    return documents.update(department=None, former_department=department.slug)


def _pages_to_refresh(requests: Iterable[RefreshRequest]) -> set[int]:
    """Return the ids of the pages that the requests name; add a request for each other page that they affect."""
    page_type = ContentType.objects.get_for_model(Page)
    page_ids: set[int] = set()
    affected_page_ids: set[int] = set()
    for request in requests:
        if request.content_type_id != page_type.pk:
            affected_page_ids |= _pages_showing_object(request)
        elif request.scope == RefreshRequest.Scope.ORDER:
            _update_tree_paths(request.object_id)
        else:
            page_ids.add(request.object_id)
            if request.scope == RefreshRequest.Scope.SUBTREE:
                affected_page_ids |= set(_descendants(request.object_id).values_list("pk", flat=True))
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(affected_page_ids), batch_size=500)
    return page_ids


def _pages_showing_object(request: RefreshRequest) -> set[int]:
    """Return the ids of pages that show an object, after indexing the object's own references (image to consent)."""
    instance = request.content_type.get_all_objects_for_this_type(pk=request.object_id).first()
    if instance is not None:
        ReferenceIndex.create_or_update_for_object(instance)
    return pages_referencing({(request.content_type_id, str(request.object_id))})


def _update_tree_paths(page_id: int) -> None:
    """Copy the tree paths of the pages below a page to their documents. No document shows them."""
    current_path = Page.objects.filter(pk=OuterRef("page_id")).values("path")
    documents = PublishedDocument.objects.filter(page_id__in=_descendants(page_id).values("pk"))
    documents.update(tree_path=Subquery(current_path))


def _descendants(page_id: int) -> QuerySet[Page]:
    page = Page.objects.filter(pk=page_id).first()
    return Page.objects.none() if page is None else Page.objects.descendant_of(page)


def _delete_processed(requests: Iterable[RefreshRequest], errors: dict[int, str]) -> set[int]:
    """Delete processed requests, but keep one with the error for each failed page; return the keys of these."""
    kept: dict[int, int] = {}
    page_type = ContentType.objects.get_for_model(Page)
    for request in requests:
        error = errors.get(request.object_id) if request.content_type_id == page_type.pk else None
        if error is not None and request.object_id not in kept:
            request.attempts, request.error = request.attempts + 1, error
            request.scope = RefreshRequest.Scope.OBJECT  # The descendants have requests of their own by now.
            request.save()
            kept[request.object_id] = request.pk
    processed = {request.pk for request in requests} - set(kept.values())
    RefreshRequest.objects.filter(pk__in=processed).delete()
    return set(kept.values())
