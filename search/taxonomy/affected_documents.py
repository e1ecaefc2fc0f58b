"""Finds the published documents that changed concepts affect: professions, and the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cms.delivery.affected_pages import pages_showing_content
from cms.delivery.models import PublishedDocument
from search.models import Concept

from .concepts import FIELDS, PAGES_AT_ONCE, code_of

CHUNK = 500
Item = TypeVar("Item")


def affected_documents(since: int) -> Iterator[list[int]]:
    """Yield the keys of the published documents that changes after number `since` affect, `CHUNK` at a time.

    Reads all published professions once; the references of the documents name the pages that show them.
    """
    changed = set(Concept.objects.filter(change__gt=since).values_list("scheme", "code"))
    if not changed:
        return
    public = PublishedDocument.objects.public()
    content_ids = set()
    for document in public.filter(type="profession").order_by("pk").iterator(chunk_size=PAGES_AT_ONCE):
        content = document.data.get("content", {})
        if any((scheme, code_of(content, scheme)) in changed for scheme in FIELDS):
            content_ids.add(document.content_id)
    done: set[int] = set()
    for professions in _chunks(sorted(content_ids)):
        keys = set(public.filter(content_id__in=professions).values_list("pk", flat=True))
        for pages in _chunks(sorted(pages_showing_content(professions))):
            keys.update(public.filter(page_id__in=pages).values_list("pk", flat=True))
        yield from _chunks(sorted(keys - done))
        done |= keys


def _chunks(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
