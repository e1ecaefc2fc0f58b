"""Asks for documents to be made again, in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction

from .models import RefreshRequest


def queue_pages(page_ids: Iterable[int]) -> None:
    """Ask for the documents of pages."""
    _add(RefreshRequest.for_pages(page_ids))


def queue_subtree(page_id: int) -> None:
    """Ask for the documents of a page and of every page below it."""
    _add(RefreshRequest.for_pages([page_id], RefreshRequest.Scope.SUBTREE))


def queue_child_order(page_id: int) -> None:
    """Ask for the new order of the pages below a page; nothing that their documents say has changed."""
    _add(RefreshRequest.for_pages([page_id], RefreshRequest.Scope.ORDER))


def queue_referencing_documents(instance: models.Model) -> None:
    """Ask for every document that shows a snippet, an image, a file, a video or a consent."""
    RefreshRequest.for_object(instance).save()
    schedule_processing()


def queue_documents_referencing_any(instances: models.QuerySet) -> None:
    """Ask for every document that shows one of the objects of one model."""
    _add([RefreshRequest.for_object(instance) for instance in instances.only("pk")])


def _add(requests: list[RefreshRequest]) -> None:
    RefreshRequest.objects.bulk_create(requests)
    schedule_processing()


def schedule_processing() -> None:
    """Have the requests processed once, after the current transaction (at once outside of one)."""
    connection = transaction.get_connection()
    waiting = [function for _savepoints, function, *_rest in connection.run_on_commit]
    if _enqueue not in waiting:
        transaction.on_commit(_enqueue)


def _enqueue() -> None:
    from .tasks import refresh_documents  # Imported late: tasks import the page types' serializers.

    refresh_documents.enqueue()
