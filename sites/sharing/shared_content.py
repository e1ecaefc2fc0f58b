"""The data of a shared content that both departments see: its published title and its state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from wagtail.models import Page

from sites.access.references.private_pages import is_restricted
from sites.access.references.published_pages import published_pages
from sites.models import DepartmentLocale, Sharing

# Takes content keys; returns those of contents that show a person without a consent, or after its end.
Finder = Callable[[Iterable[UUID]], set[UUID]]

_finders: list[Finder] = []


@dataclass(frozen=True)
class SharedContent:
    """A shared content, with the data of the page in the source language of its owner.

    `is_public` says whether readers can see it now: a live testimonial is withdrawn while a consent is missing.
    `lacks_consent` says whether it shows a person without consent: its title may be the name.
    """

    page_id: int
    title: str
    is_public: bool
    was_published: bool
    is_private: bool
    lacks_consent: bool

    def is_shown_to_receiver(self, sharing: Sharing) -> bool:
        """Return True if the receiving department may read the title: the published one, while it is shared.

        The title of a content that was never published is shown with the proposal, which its owner makes knowingly.
        Nothing is shown after a withdrawal of the sharing or of a consent.
        """
        if self.is_private or self.lacks_consent or sharing.state == Sharing.State.WITHDRAWN:
            return False
        is_open = sharing.state in (Sharing.State.PROPOSED, Sharing.State.ACCEPTED)
        return self.is_public or (is_open and not self.was_published)


def register_contents_without_consent(finder: Finder) -> None:
    """Register the function that finds contents without consent. Called once, when the applications are ready.

    The package of the consents registers it, since this package may not import it.
    """
    _finders[:] = [finder]


def _contents_without_consent(content_keys: set[UUID]) -> set[UUID]:
    return _finders[0](content_keys) if content_keys else set()


def page_of_sharing(sharing: Sharing) -> Page | None:
    """Return the page of a shared content in the source language of its owner, else in another one; None if deleted."""
    return _versions([sharing]).first()


def shared_contents(sharings: Iterable[Sharing]) -> dict[UUID, SharedContent]:
    """Return the contents of the sharings by content key, without deleted ones; three queries.

    The title is the published one, not that of a draft.
    """
    contents: dict[UUID, SharedContent] = {}
    rows = _versions(sharings).annotate(is_restricted=is_restricted())
    columns = ("translation_key", "pk", "title", "live", "first_published_at", "is_restricted")
    found = list(rows.values_list(*columns))
    published = published_pages(page_id for _key, page_id, _title, is_live, *_rest in found if is_live)
    without_consent = _contents_without_consent({content_key for content_key, *_rest in found})
    for content_key, page_id, title, _is_live, first_published_at, is_private in found:
        content = SharedContent(
            page_id=page_id,
            title=title,
            is_public=page_id in published,
            was_published=first_published_at is not None,
            is_private=is_private,
            lacks_consent=content_key in without_consent,
        )
        contents.setdefault(content_key, content)
    return contents


def _versions(sharings: Iterable[Sharing]) -> QuerySet[Page]:
    """Return the pages of the sharings in all languages, those in the source language of the owner first."""
    source_locale = DepartmentLocale.objects.filter(
        department__in={sharing.owner_id for sharing in sharings}, is_source=True, locale=OuterRef("locale")
    )
    keys = {sharing.content_key for sharing in sharings}
    versions: QuerySet[Page] = Page.objects.filter(translation_key__in=keys)
    return versions.annotate(is_in_source_language=Exists(source_locale)).order_by("-is_in_source_language", "pk")
