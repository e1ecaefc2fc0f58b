"""The data of a shared content that both departments see: its published title and its state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from wagtail.models import Page, PageViewRestriction

from sites.models import DepartmentLocale, Sharing


@dataclass(frozen=True)
class SharedContent:
    """A shared content, with the data of the page in the source language of its owner."""

    page_id: int
    title: str
    is_live: bool
    is_private: bool


def is_private(page: Page) -> bool:
    """Return True if a view restriction applies to the page or to an ancestor."""
    return bool(page.get_view_restrictions().exists())


def page_of_sharing(sharing: Sharing) -> Page | None:
    """Return the page of a shared content in the source language of its owner, else in another one; None if deleted."""
    return _versions([sharing]).first()


def shared_contents(sharings: Iterable[Sharing]) -> dict[UUID, SharedContent]:
    """Return the contents of the sharings by content key, without deleted ones; one query.

    The title is the published one, not that of a draft.
    """
    contents: dict[UUID, SharedContent] = {}
    restrictions = PageViewRestriction.objects.annotate(
        restricted_path=ExpressionWrapper(OuterRef("path"), output_field=CharField())
    ).filter(restricted_path__startswith=F("page__path"))
    rows = _versions(sharings).annotate(is_restricted=Exists(restrictions))
    for row in rows.values_list("translation_key", "pk", "title", "live", "is_restricted"):
        contents.setdefault(row[0], SharedContent(*row[1:]))
    return contents


def _versions(sharings: Iterable[Sharing]) -> QuerySet[Page]:
    """Return the pages of the sharings in all languages, those in the source language of the owner first."""
    source_locale = DepartmentLocale.objects.filter(
        department__in={sharing.owner_id for sharing in sharings}, is_source=True, locale=OuterRef("locale")
    )
    keys = {sharing.content_key for sharing in sharings}
    versions: QuerySet[Page] = Page.objects.filter(translation_key__in=keys)
    return versions.annotate(is_in_source_language=Exists(source_locale)).order_by("-is_in_source_language", "pk")
