"""The links that work now, and the pages to which they lead."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations.approval import can_decide, may_review
from cms.translations.models import GuestLink
from cms.translations.models.guest_link import hash_of_token
from sites.access.ownership import department_of_page
from sites.models import Department

from .link_tokens import is_genuine


@dataclass(frozen=True)
class GuestReview:
    """A link that works, the page to which it leads, and its department."""

    link: GuestLink
    page: Page
    department: Department

    @property
    def translation(self) -> Translation:
        return self.link.translation

    @property
    def may_decide(self) -> bool:
        """True if the translation waits for an approval that the account of the link may give."""
        return can_decide(self.page, self.link.created_by)


def page_of(translation: Translation) -> Page | None:
    """Return the translated page; None for a snippet, an alias, and a page that does not exist."""
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        return None
    return target if isinstance(target, Page) and target.alias_of_id is None else None


def open_review(token: str) -> GuestReview | None:
    """Return the review to which a token leads now; None if there is none, whatever the reason.

    A link works with the present permissions of the account that made it, and not while its department is suspended.
    """
    if not is_genuine(token):
        return None
    related = ("created_by", "translation__source__locale", "translation__target_locale")
    links = GuestLink.objects.open().select_related(*related).filter(translation__enabled=True)
    link = links.filter(token_hash=hash_of_token(token)).first()
    page = page_of(link.translation) if link is not None else None
    department = department_of_page(page) if page is not None else None
    if link is None or page is None or department is None or department.suspended_at is not None:
        return None
    return GuestReview(link, page, department) if may_review(page, link.created_by) else None
