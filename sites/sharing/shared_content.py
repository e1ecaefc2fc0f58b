"""What is told of shared content: its published title; nothing of a private page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from wagtail.models import Page, PageViewRestriction

from sites.models import DepartmentLocale, Sharing


@dataclass(frozen=True)
class SharedContent:
    """A shared content, named by the version in its owner's language."""

    page_id: int
    title: str
    is_live: bool
    is_private: bool


def is_private(page: Page) -> bool:
    """Whether the page, or one above it, is restricted to some readers."""
    return bool(page.get_view_restrictions().exists())


def page_of_sharing(sharing: Sharing) -> Page | None:
    """Return the version of a shared content in its owner's language, else another one; None when all are gone."""
    return _versions([sharing]).first()


def shared_contents(sharings: Iterable[Sharing]) -> dict[UUID, SharedContent]:
    """Return the contents of sharings by key, without those that are gone; one query.

    A title is the one of the page's row: the published one, not a draft's.
    """
    found: dict[UUID, SharedContent] = {}
    restrictions = PageViewRestriction.objects.annotate(
        own=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    ).filter(own__startswith=F("page__path"))
    rows = _versions(sharings).annotate(is_restricted=Exists(restrictions))
    for row in rows.values_list("translation_key", "pk", "title", "live", "is_restricted"):
        found.setdefault(row[0], SharedContent(*row[1:]))
    return found


def _versions(sharings: Iterable[Sharing]) -> QuerySet[Page]:
    own_language = DepartmentLocale.objects.filter(
        department__in={sharing.owner_id for sharing in sharings}, is_source=True, locale=OuterRef("locale")
    )
    keys = {sharing.content_key for sharing in sharings}
    versions: QuerySet[Page] = Page.objects.filter(translation_key__in=keys)
    return versions.annotate(is_in_own_language=Exists(own_language)).order_by("-is_in_own_language", "pk")
