"""Writes the documents of one batch, and records the contents whose cards or paths changed."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.utils import timezone
from wagtail.models import Page

from cms.delivery.models import (
    FeedCounter,
    PageReference,
    Placement,
    PublicationState,
    PublishedDocument,
)
from cms.delivery.models.stored_json import parse_body
from cms.media.models import PublicFile
from cms.pages.models import ContentPage

from .document_context import DocumentContext
from .document_data import as_json, card_of, document_data, list_values, serialize_page, set_relations, with_placements
from .document_size import DocumentTooLargeError, refuse_large_document
from .page_batch import PageBatch, public_until
from .past_documents import over_at
from .placement import PlannedPlacement, SitePath, shared_documents_that_move


@dataclass
class Composition:
    """A document that is composed but not stored: its page, its data and its placements.

    `context` is None if only the header is new. `placements` and `files` are the stored rows.
    """

    page: Page
    document: PublishedDocument
    data: dict[str, Any]
    planned: list[PlannedPlacement]
    context: DocumentContext | None
    has_new_card: bool
    has_new_visibility: bool
    placements: list[Placement] = field(default_factory=list)
    files: list[PublicFile] = field(default_factory=list)


class DocumentWriter:
    """A writer of the documents of one batch. Rows of several documents are written together in `finish`."""

    def __init__(self, counter: FeedCounter) -> None:
        self.counter = counter
        # Pages whose cards changed, with True if the card is withdrawn.
        self.changed_cards: dict[int, bool] = {}
        self._taken: set[SitePath] = set()
        self._released: set[SitePath] = set()
        self._new_rows: dict[type[Model], list[Any]] = {Placement: [], PublicFile: [], PageReference: []}
        self._replaced: dict[type[Model], list[int]] = {Placement: [], PublicFile: [], PageReference: []}
        self._new_states: list[PublicationState] = []
        self._old_states: list[int] = []

    def compose(self, page: ContentPage, batch: PageBatch) -> Composition | None:
        """Return the new document of a page, or None if the page is not public; withdraw documents that it loses.

        Those that the page had in another language or as another content are withdrawn first, also if a serializer
        raises an error. Raises DocumentTooLargeError for a document that is too large, and withdraws the present one:
        it may show what has become private meanwhile.
        """
        locale = page.locale.language_code
        document = batch.siblings[page.translation_key].get(locale)
        self._withdraw_former(page, batch)
        if not batch.is_public(page):
            self._withdraw_own(document, page)
            self._store_conditions(page, batch)
            return None
        planned = batch.planned_placements(page)
        serialized, context = serialize_page(page, batch)
        data = document_data(page, serialized, planned)
        try:
            refuse_large_document(data)
        except DocumentTooLargeError:
            self._withdraw_own(document, page)
            raise
        if document is None:
            document = PublishedDocument(content_id=page.translation_key, locale=locale)
            batch.siblings[page.translation_key][locale] = document
        return _composition(page, document, data, planned, context, public_until(page))

    def compose_header(self, page: Page, body: str, batch: PageBatch) -> Composition | None:
        """Return the stored document of a page with its present URLs; None if it has no public document."""
        document = batch.siblings[page.translation_key].get(page.locale.language_code)
        if document is None or document.is_withdrawn or document.page_id != page.pk or not body:
            return None
        stored = parse_body(body, page.pk)
        if not stored:  # The whole document is written again.
            return None
        planned = batch.planned_placements(page)
        data = with_placements(stored, planned)
        return _composition(page, document, data, planned, None, document.expires_at)

    def withdraw(self, document: PublishedDocument) -> None:
        """Turn a document into a tombstone."""
        document.is_withdrawn = True
        document.body = document.etag = document.card = ""
        document.list_values = {}
        document.expires_at = document.over_at = None
        document.sequence = self.counter.next()
        document.changed_at = timezone.now()
        document.save()
        self._released |= _site_paths(document.placements.all())
        self._replaced[Placement].append(document.pk)
        self._replaced[PublicFile].append(document.pk)
        self.changed_cards[document.page_id] = True

    def write(self, composition: Composition, batch: PageBatch) -> None:
        """Store a composed document. It gets a new sequence number only if a reader can see a change."""
        page, document, data = composition.page, composition.document, composition.data
        set_relations(data, page, batch)
        body = as_json(data)
        etag = hashlib.sha256(body.encode()).hexdigest()
        columns: dict[str, Any] = {
            "department_id": batch.owner_of(page).pk,
            "type": data["type"],
            "page_id": page.pk,
            "title": data["title"],
            "path": data["path"],
            "tree_path": page.path,
            "in_menu": page.show_in_menus,
            "is_original": data["translation"]["status"] == "original",
            "list_values": list_values(data),
        }
        is_new = document.pk is None
        if document.etag != etag or composition.has_new_visibility:
            document.sequence = self.counter.next()
            document.changed_at = timezone.now()
            columns |= {"etag": etag, "body": body}
            is_changed = True
        else:
            is_changed = composition.has_new_card or any(
                getattr(document, name) != value for name, value in columns.items()
            )
        if is_changed:
            for name, value in columns.items():
                setattr(document, name, value)
            document.save(force_insert=is_new)
        self._store_placements(composition)
        if composition.context is not None:
            self._store_files(composition, composition.context.file_names)
            self.store_references(page, batch, composition.context.references)
            self.store_state(page, batch, _earliest(document.expires_at, composition.context.next_change_at))
        if composition.has_new_card:
            self.changed_cards.setdefault(page.pk, False)

    def store_state(self, page: Page, batch: PageBatch, next_change_at: datetime.datetime | None) -> None:
        """Store the date of the next change of a page without an error."""
        state = batch.states.get(page.pk)
        if next_change_at is None:
            if state is not None:
                self._old_states.append(page.pk)
        elif state is None or state.error or state.next_change_at != next_change_at:
            self._new_states.append(PublicationState(page_id=page.pk, next_change_at=next_change_at))

    def store_references(self, page: Page, batch: PageBatch, references: set[tuple[int, int]]) -> None:
        """Replace the recorded references of a page if they differ."""
        if references != batch.references.get(page.pk, set()):
            self._replaced[PageReference].append(page.pk)
            self._new_rows[PageReference] += [
                PageReference(page_id=page.pk, content_type_id=type_id, object_id=object_id)
                for type_id, object_id in sorted(references)
            ]

    def discard_pages(self, page_ids: Iterable[int]) -> None:
        """Delete the references and dates of pages that do not exist."""
        self._replaced[PageReference] += page_ids
        self._old_states += page_ids

    def finish(self) -> set[int]:
        """Write the collected rows; return the pages of shared documents whose paths may change."""
        for model, column in ((Placement, "document"), (PublicFile, "document"), (PageReference, "page_id")):
            if keys := self._replaced[model]:
                model._default_manager.filter(**{f"{column}__in": keys}).delete()
            if rows := self._new_rows[model]:
                model._default_manager.bulk_create(rows, batch_size=500)
        if self._old_states:
            PublicationState.objects.filter(pk__in=self._old_states).delete()
        PublicationState.objects.bulk_create(
            self._new_states,
            update_conflicts=True,
            unique_fields=["page_id"],
            update_fields=["next_change_at", "error", "attempts", "failed_at"],
        )
        moved = self._taken & self._released
        return shared_documents_that_move(self._taken - moved, self._released - moved)

    def _withdraw_own(self, document: PublishedDocument | None, page: Page) -> None:
        """Withdraw a document if it is public and shows the page."""
        if document is not None and document.page_id == page.pk and not document.is_withdrawn:
            self.withdraw(document)

    def _withdraw_former(self, page: Page, batch: PageBatch) -> None:
        """Withdraw the documents that the page had in another language or as another content."""
        for document in batch.former_documents.pop(page.pk, ()):
            self.withdraw(document)

    def _store_conditions(self, page: ContentPage, batch: PageBatch) -> None:
        """Record the objects that keep a live page from being public, and when this may change."""
        references: set[tuple[int, int]] = set()
        next_change_at = None
        if page.live and isinstance(page, ContentPage) and (department := batch.department_of(page)) is not None:
            context = DocumentContext(batch, page, department)
            for instance in page.publication_dependencies:
                context.uses(instance)
            if page.expire_at is not None:
                context.schedule_refresh(page.expire_at)
            references, next_change_at = context.references, context.next_change_at
        self.store_references(page, batch, references)
        self.store_state(page, batch, next_change_at)

    def _store_placements(self, composition: Composition) -> None:
        """Replace the placements of a document if they differ from the planned ones."""
        document = composition.document
        wanted = {placement.department.pk: (placement.path, placement.is_owner) for placement in composition.planned}
        current = {
            placement.department_id: (placement.path, placement.is_canonical) for placement in composition.placements
        }
        if document.pk in self._replaced[Placement]:  # Withdrawn in this batch.
            current = {}
        if wanted == current:
            return
        if current:
            self._replaced[Placement].append(document.pk)
        self._released |= _site_paths(composition.placements)
        self._new_rows[Placement] += [
            Placement(document=document, department_id=department_id, path=path, is_canonical=is_canonical)
            for department_id, (path, is_canonical) in wanted.items()
        ]
        self._taken |= {(department_id, path) for department_id, (path, is_canonical) in wanted.items() if is_canonical}

    def _store_files(self, composition: Composition, names: set[str]) -> None:
        """Make the files that a document shows public, and no longer those that it showed before."""
        document = composition.document
        wanted = {(name, document.expires_at) for name in names}
        current = {(file.name, file.public_until) for file in composition.files}
        if document.pk in self._replaced[PublicFile]:
            current = set()
        if wanted == current:
            return
        if current:
            self._replaced[PublicFile].append(document.pk)
        self._new_rows[PublicFile] += [
            PublicFile(document=document, name=name, public_until=public_until) for name, public_until in sorted(wanted)
        ]


def _composition(
    page: Page,
    document: PublishedDocument,
    data: dict[str, Any],
    planned: list[PlannedPlacement],
    context: DocumentContext | None,
    expires_at: datetime.datetime | None,
) -> Composition:
    """Return the composition, after setting the new card on the document: other documents of the batch read it."""
    is_stored = document.pk is not None
    placements = list(document.placements.all()) if is_stored else []
    is_moved = {placement.department.pk for placement in planned} != {each.department_id for each in placements}
    card, over = as_json(card_of(data)), over_at(data, planned[0].department.time_zone)
    has_new_moment = document.expires_at != expires_at or document.over_at != over
    composition = Composition(
        page,
        document,
        data,
        planned,
        context,
        has_new_card=document.card != card,
        has_new_visibility=not is_stored or document.is_withdrawn or has_new_moment or is_moved,
        placements=placements,
        files=list(document.files.all()) if is_stored else [],
    )
    document.card, document.is_withdrawn, document.expires_at, document.over_at = card, False, expires_at, over
    return composition


def _earliest(*moments: datetime.datetime | None) -> datetime.datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _site_paths(placements: Iterable[Placement]) -> set[SitePath]:
    return {(placement.department_id, placement.path) for placement in placements}
