"""The document of a draft, for previews."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from wagtail.models import Page

from sites.models import Department

from .page_batch import PageBatch


def draft_document(page: Page) -> tuple[dict[str, Any], Department]:
    """Return the document (docs/document.md) of an unpublished state of a page, and its department.

    Nothing is stored. Objects to which the draft refers are shown in their published state. Raises LookupError for a
    page outside every department.
    """
    batch = PageBatch([page])
    department = batch.owner_of(page)
    data, _context = batch.document(page)
    data["last_published_at"] = data["last_published_at"] or timezone.now().isoformat(timespec="seconds")
    return data, department
