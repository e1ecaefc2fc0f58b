"""Documents that an index does not contain, since they could not be converted: stored, reported, and tried again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cms.delivery.models import PublishedDocument
from cms.delivery.models.document import PublishedDocumentQuerySet
from search.models import UnindexedDocument
from search.models.unindexed_document import MAX_ERROR_LENGTH
from search.search_documents import document_key


def store_failures(index: str, handled: Collection[str], failed: Mapping[str, str]) -> None:
    """Store the errors of documents by key, and delete those of the other documents that were handled now.

    One query without failures, now or before.
    """
    rows = UnindexedDocument.objects.filter(index=index)
    earlier = {document_key(str(row.content_id), row.locale): row.pk for row in rows}
    done = [pk for key, pk in earlier.items() if key in handled and key not in failed]
    if done:
        rows.filter(pk__in=done).delete()
    if failed:
        UnindexedDocument.objects.bulk_create(
            [_failure(index, key, error) for key, error in sorted(failed.items())],
            update_conflicts=True,
            unique_fields=["index", "content_id", "locale"],
            update_fields=["error", "failed_at"],
        )


def indexed_documents(index: str) -> PublishedDocumentQuerySet:
    """Return the documents that an index contains when it has followed the feed."""
    failed = UnindexedDocument.objects.filter(index=index, content_id=OuterRef("content_id"), locale=OuterRef("locale"))
    return PublishedDocument.objects.filter(~Exists(failed), is_withdrawn=False)


def _failure(index: str, key: str, error: str) -> UnindexedDocument:
    content_id, _separator, locale = key.partition(":")
    printable = "".join(character if character.isprintable() else "\ufffd" for character in error[:MAX_ERROR_LENGTH])
    return UnindexedDocument(
        index=index, content_id=content_id, locale=locale, error=printable, failed_at=timezone.now()
    )
