"""Querysets of pages, images and documents that anonymous readers may see, in place of Wagtail's.

Replaces: `PagesAPIViewSet.get_base_queryset`, `ImagesAPIViewSet.get_queryset`, `DocumentsAPIViewSet.get_queryset`,
    without a call of the parent.
Why no hook serves: the parents read the session, so that a cookie would change answers that caches share. They also
    add one SQL condition for each restricted page or collection of the whole instance; SQLite refuses more than 1,000.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/api/test_v2.py. It compares the querysets with
    those of Wagtail, so that a check added upstream is not lost.
"""

from __future__ import annotations

from django.db.models import Model, QuerySet

from cms.api.v2.scope import public_media, public_pages
from sites.models import Department


class PublishedPagesMixin:
    """Limits a viewset of pages to the pages of published documents of `department`."""

    department: Department

    def get_base_queryset(self) -> QuerySet:
        return public_pages(self.department)


class ReferencedMediaMixin:
    """Limits a viewset of images or documents to public ones to which public pages of `department` refer."""

    department: Department
    model: type[Model]

    def get_queryset(self) -> QuerySet:
        return public_media(self.model, self.department)
