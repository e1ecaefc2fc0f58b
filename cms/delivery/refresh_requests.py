"""Queueing of refresh requests, in the transaction of the change that they follow."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable

from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage.base import BaseStorage
from django.db import DatabaseError, models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.commit_callbacks import OncePerCommit
from sites.people.request_context import current_request

from .models import PublishedDocument, RefreshRequest

logger = logging.getLogger(__name__)

Change = RefreshRequest.Change

# Pages that one message names, and messages that one change gives: a bulk action has many transactions.
MAXIMUM_NAMED = 5
MAXIMUM_MESSAGES = 5
# CSS class of these messages.
MESSAGE_TAG = "publication-message"


def queue_pages(page_ids: Iterable[int], *, urgent: bool = False) -> None:
    """Queue the documents of pages, for the background."""
    _queue(RefreshRequest.for_pages(page_ids, urgent=urgent))


def queue_headers(page_ids: Iterable[int]) -> None:
    """Queue the headers of the documents of pages; their content is unchanged."""
    _queue(RefreshRequest.for_pages(page_ids, Change.HEADER))


def queue_own_page(page_id: int) -> None:
    """Queue the document of a page that is saved or deleted. It is written at once after the commit."""
    _queue(RefreshRequest.for_pages([page_id], urgent=True), own_page=page_id)


def queue_subtree(page_id: int) -> None:
    """Queue the documents of a page and of all its descendants."""
    _queue(RefreshRequest.for_pages([page_id], Change.SUBTREE, urgent=True))


def queue_urls(page_id: int) -> None:
    """Queue the URLs of a page and of all its descendants; their content is unchanged."""
    _queue(RefreshRequest.for_pages([page_id], Change.URLS))


def queue_child_order(page_id: int) -> None:
    """Queue an update of the tree paths of the documents below a page; their content is unchanged."""
    _queue(RefreshRequest.for_pages([page_id], Change.ORDER))


def queue_content(page_id: int) -> None:
    """Queue the documents of a page in every language, and of its copies."""
    _queue(RefreshRequest.for_pages([page_id], Change.CONTENT, urgent=True))


def queue_object(instance: models.Model, *, urgent: bool = False) -> None:
    """Queue all documents that depend on an object: a snippet, an image, a consent, a collection, a department."""
    _queue([RefreshRequest.for_object(instance, urgent=urgent)])


def queue_objects(instances: Iterable[models.Model], *, urgent: bool = False) -> None:
    """Queue all documents that depend on any of the objects."""
    _queue([RefreshRequest.for_object(instance, urgent=urgent) for instance in instances])


def _queue(requests: list[RefreshRequest], own_page: int | None = None) -> None:
    RefreshRequest.objects.bulk_create(requests)
    if own_page is not None:
        _own_pages.ids.add(own_page)
    schedule_processing()


class _OwnPages(threading.local):
    """The pages that this thread has queued as its own since it last processed the requests."""

    def __init__(self) -> None:
        self.ids: set[int] = set()


_own_pages = _OwnPages()


def schedule_processing() -> None:
    """Process the requests after the commit, or immediately outside a transaction."""
    _processing.schedule()


def _process() -> None:
    """Publish the pages of this transaction and leave the others to the background."""
    from .publisher import MAXIMUM_OWN_PAGES, publish_own_pages  # It imports the serializers of all page types.
    from .tasks import refresh_documents

    own_pages, _own_pages.ids = _own_pages.ids, set()
    if len(own_pages) > MAXIMUM_OWN_PAGES:
        _show_waiting_pages(own_pages)
    elif own_pages:
        try:
            if errors := publish_own_pages(own_pages):
                _show_failures(errors)
        except DatabaseError:
            # The change is committed, so the request must not fail: the background publishes it.
            logger.exception("pages %s are left to the background", sorted(own_pages))
            _show_waiting_pages(own_pages)
    if RefreshRequest.objects.exists():
        refresh_documents.using(backend=settings.DOCUMENT_TASKS).enqueue()


_processing = OncePerCommit(_process)


def _show_failures(page_ids: Collection[int]) -> None:
    """Add a message to the editor's request that names the pages whose documents could not be written."""
    if (request := current_request()) is None:
        return
    pages = Page.objects.filter(pk__in=page_ids).order_by("path")
    titles = [_("“%(title)s”") % {"title": page.title} for page in pages[:MAXIMUM_NAMED]]
    if len(page_ids) > len(titles):
        titles.append("…")
    message = _("The public site does not show the newest version of %(pages)s yet: the content could not be written.")
    _add_message(request, messages.ERROR, message % {"pages": ", ".join(titles)})


def _show_waiting_pages(page_ids: Collection[int]) -> None:
    """Add a message that the background publishes pages. Drafts are not mentioned: the public site has none."""
    if (request := current_request()) is None:
        return
    public = PublishedDocument.objects.public().filter(page_id__in=page_ids)
    if Page.objects.filter(pk__in=page_ids, live=True).exists() or public.exists():
        message = _("The public site will follow in a moment. The dashboard names pages that cannot be written there.")
        _add_message(request, messages.INFO, message)


def _add_message(request: HttpRequest, level: int, message: str) -> None:
    """Add a message to the request, unless it has the same one already, or many of this kind."""
    waiting = messages.get_messages(request)
    known: list[str] = []
    # Requests of the API have no messages, and an answer that has shown them no others to compare with.
    if isinstance(waiting, BaseStorage) and not waiting.used:
        known = [each.message for each in waiting if MESSAGE_TAG in each.extra_tags]
        waiting.used = False  # They are still to be shown.
    if message not in known and len(known) < MAXIMUM_MESSAGES:
        messages.add_message(request, level, message, extra_tags=MESSAGE_TAG, fail_silently=True)
