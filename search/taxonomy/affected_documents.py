"""Finds the published documents that other names or codes of concepts concern: professions and what shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from cms.delivery.models import PublishedDocument
from cms.delivery.page_references import page_reference_targets, pages_referencing
from search.models import Concept

from .concepts import FIELDS, code_of

CHUNK = 500
Item = TypeVar("Item")


def affected_documents(since: int) -> Iterator[list[int]]:
    """Yield keys of `PublishedDocument` in pieces of at most `CHUNK`: those that changes after a number concern.

    Reads the published professions once, not all that is published: what shows them is in Wagtail's reference index.
    """
    changed = set(Concept.objects.filter(change__gt=since).values_list("scheme", "code"))
    if not changed:
        return
    public = PublishedDocument.objects.public()
    content_ids = set()
    for document in public.filter(type="profession").order_by("pk").iterator(chunk_size=CHUNK):
        content = document.data["content"]
        if any((scheme, code_of(content, scheme)) in changed for scheme in FIELDS):
            content_ids.add(document.content_id)
    done: set[int] = set()
    for professions in _pieces(sorted(content_ids)):
        own = dict(public.filter(content_id__in=professions).values_list("pk", "page_id"))
        found = set(own)
        for pages in _pieces(sorted(pages_referencing(page_reference_targets(own.values())))):
            found.update(public.filter(page_id__in=pages).values_list("pk", flat=True))
        yield from _pieces(sorted(found - done))
        done |= found


def _pieces(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
