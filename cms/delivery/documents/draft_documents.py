"""The document of a draft, for previews."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from wagtail.models import Page

from sites.models import Department

from .document_data import document_data, serialize_page, set_relations
from .page_batch import PageBatch


def draft_document(page: Page) -> tuple[dict[str, Any], Department]:
    """Return the document (docs/document.md) of an unpublished state of a page, and its department.

    Nothing is stored. Objects to which the draft refers are shown in their published state. Raises LookupError for a
    page outside every department.
    """
    batch = PageBatch([page], is_draft=True)
    department = batch.owner_of(page)
    serialized, _context = serialize_page(page, batch, is_draft=True)
    data = document_data(page, serialized, batch.planned_placements(page))
    set_relations(data, page, batch)
    data["last_published_at"] = data["last_published_at"] or timezone.now().isoformat(timespec="seconds")
    return data, department
