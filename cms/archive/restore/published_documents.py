"""Restores the order of the published documents, compares them with the archive, and checks who uses their keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.row_serialization import deserialize_row
from cms.archive.selection import SNIPPET_MODELS, chunks
from cms.delivery.models import FeedCounter, PublishedDocument
from cms.delivery.refresh_requests import queue_subtree

from .restore_context import RestoreContext, reset_id_sequence


def restore_documents(context: RestoreContext) -> None:
    """Create a tombstone for each document in the order of the archive, and queue all of them for publication.

    Lists of the API follow the row order, so the rows are created first. The bodies of the archive are never
    published: the publisher writes the documents from the restored pages.
    """
    keeps_numbers = _can_keep_ids(context)
    _refuse_keys_of_others(context, context.own_keys)
    counter = FeedCounter.locked()
    batch: list[PublishedDocument] = []
    keys: set[str] = set()
    for row in context.read_rows(tables.PUBLISHED):
        document = _build_tombstone(context, row, counter)
        keys.add(str(document.content_id))
        if document.pk is not None:
            document.save()
            continue
        if keeps_numbers:
            document.pk = row["id"]
        batch.append(document)
        if len(batch) == 500:
            PublishedDocument.objects.bulk_create(batch)
            batch = []
    PublishedDocument.objects.bulk_create(batch)
    _refuse_keys_of_others(context, keys)
    counter.save()
    reset_id_sequence(PublishedDocument)
    queue_subtree(context.department.container_id)


def differing_documents(context: RestoreContext) -> list[str]:
    """Return the paths of documents whose ETag differs from the archive."""
    differing = []
    for rows in _row_batches(context):
        keys = [row["content_id"] for row in rows]
        found = PublishedDocument.objects.filter(content_id__in=keys).only("content_id", "locale", "etag")
        etags = {(str(document.content_id), document.locale): document.etag for document in found}
        differing += [str(row["path"]) for row in rows if etags.get((row["content_id"], row["locale"])) != row["etag"]]
    return differing


def _refuse_keys_of_others(context: RestoreContext, keys: Collection[str]) -> None:
    """Raise ArchiveError if content of another department, or of another kind, has one of the translation keys.

    A member with a page in one language may read and write the translations of all, and documents name pages with the
    same key as their other languages.
    """
    own = context.department
    others = ~Q(department=own) & Q(department__isnull=False)
    if not context.is_trusted:
        others |= Q(department=None) & ~Q(former_department=own.slug)
    for chunk in chunks(sorted(keys)):
        pages = Page.objects.filter(translation_key__in=chunk)
        documents = PublishedDocument.objects.filter(others, content_id__in=chunk)
        taken = set(pages.exclude(path__startswith=own.container.path).values_list("translation_key", flat=True))
        taken |= set(documents.values_list("content_id", flat=True))
        kinds: Counter[Any] = Counter()
        for model in (Page, *SNIPPET_MODELS):
            rows = model._default_manager.filter(translation_key__in=chunk)
            kinds.update(rows.order_by().values_list("translation_key", flat=True).distinct())
        taken |= {key for key, number in kinds.items() if number > 1}
        if taken:
            raise ArchiveError(_("Content %(key)s belongs to another department.") % {"key": min(map(str, taken))})


def _build_tombstone(context: RestoreContext, row: JsonObject, counter: FeedCounter) -> PublishedDocument:
    """Return an unsaved tombstone. It reuses the row that the retired department left."""
    values = deserialize_row(
        PublishedDocument, row, tables.PUBLISHED.fields, context.natural_keys, context.map_reference
    )
    key, locale = values["content_id"], values["locale"]
    document = PublishedDocument.objects.filter(content_id=key, locale=locale).first()
    if document is not None and document.department_id is not None:
        raise ArchiveError(_("Content %(key)s is published by another department.") % {"key": key})
    document = document or PublishedDocument()
    for name, value in values.items():
        setattr(document, name, value)
    page = context.mapped_id(Page, row.get("page"))
    document.page_id = page or 0
    document.department = context.department
    document.former_department = ""
    document.body = document.etag = document.card = document.tree_path = ""
    document.list_values = {}
    document.is_withdrawn = True
    document.expires_at = document.over_at = None
    document.sequence = counter.next()
    document.changed_at = timezone.now()
    return document


def _can_keep_ids(context: RestoreContext) -> bool:
    """Return True if the ids of all rows are free. Otherwise all rows get new ids in the same order."""
    numbers = [row["id"] for row in context.reader.read_rows(tables.PUBLISHED.file)]
    known = all(isinstance(number, int) and 0 < number < 2**53 for number in numbers)
    return known and not any(PublishedDocument.objects.filter(pk__in=chunk).exists() for chunk in chunks(numbers))


def _row_batches(context: RestoreContext) -> Iterator[list[JsonObject]]:
    batch: list[JsonObject] = []
    for row in context.reader.read_rows(tables.PUBLISHED.file):
        batch.append({name: row.get(name) for name in ("content_id", "locale", "etag", "path")})
        if len(batch) == 500:
            yield batch
            batch = []
    yield batch
