"""The titles of pages that a user reads in the admin: drafts are for those who read, edit or approve them.

Everybody else reads the title of a public page as it was published, and no title of a page that is not public.
"""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Page, TaskState
from wagtail.permissions import policy_registry

from sites.access.capabilities import (
    User,
    departments_of,
    departments_with_capability,
    has_capability_on_page,
    is_unrestricted,
)
from sites.access.ownership import CONTAINER_DEPTH, TreeLookup
from sites.roles import Capability

from .acting_user import acting_user
from .private_pages import private_pages
from .referable_objects import is_own, published_title

# Page permissions whose holders read the drafts below the page.
READING = frozenset(("change", "publish", "view"))


def reads_draft(user: User, page: Page) -> bool:
    """Return True if the user may read the draft of a page; two queries for a request at most."""
    if page.depth < CONTAINER_DEPTH or has_capability_on_page(user, Capability.DRAFTS, page):
        return True
    return page.path.startswith(_readable_paths(user)) or page.pk in _pages_to_approve(user)


def with_readable_titles(pages: QuerySet[Page], user: User) -> QuerySet[Page]:
    """Limit a queryset to pages of which the user may read a title: public ones, and those whose draft is readable."""
    if is_unrestricted(user):
        return pages
    public = Q(live=True) & ~Q(pk__in=private_pages().values("pk"))
    return pages.filter(public | Q(depth__lt=CONTAINER_DEPTH) | drafts_condition(user))


def drafts_condition(user: User, page: str = "") -> Q:
    """Return the condition for rows whose draft the user may read. `page` is the lookup of the page, with `__`."""
    if is_unrestricted(user):
        return Q()
    departments = TreeLookup(f"{page}path").condition(Page, departments_with_capability(user, Capability.DRAFTS))
    to_approve = Q(**{f"{page}pk__in": _pages_to_approve(user)})
    return departments | _at_or_below(_readable_paths(user), f"{page}path") | to_approve


def readable_title(page: Page, draft_title: str) -> str:
    """Return the title of a page for the acting user, `draft_title` if nothing keeps it from the user."""
    user = acting_user()
    if user is None or page.pk is None or is_unrestricted(user) or reads_draft(user, page):
        return draft_title
    if is_own(page):
        title = page.title if page.live and page.pk not in _private_pages(user) else ""
    else:
        title = published_title(page)
    return title or _("Content that is not public now")


def _at_or_below(paths: tuple[str, ...], lookup: str = "path") -> Q:
    """Return the condition for pages at or below one of the tree paths."""
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{f"{lookup}__startswith": path})
    return condition


def _readable_paths(user: User) -> tuple[str, ...]:
    """Return the tree paths of the pages on which the user has a permission in READING; one query for the request."""
    permissions = policy_registry.get_by_type(Page).get_cached_permissions_for_user(user)
    return tuple({each.page.path for each in permissions if each.permission.codename.removesuffix("_page") in READING})


def _private_pages(user: User) -> set[int]:
    """Return the keys of the private pages of the user's departments; one query for the request."""
    known: set[int] | None = getattr(user, "_private_pages", None)
    if known is None:
        own = TreeLookup("path").condition(Page, departments_of(user))
        known = set(private_pages().filter(own).values_list("pk", flat=True))
        user._private_pages = known  # type: ignore[union-attr]
    return known


def _pages_to_approve(user: User) -> set[int]:
    """Return the keys of the pages that wait for the approval of a group of the user; one query for the request."""
    known: set[int] | None = getattr(user, "_pages_to_approve", None)
    if known is None:
        states: Any = TaskState.objects.filter(
            status=TaskState.STATUS_IN_PROGRESS,
            workflow_state__base_content_type=ContentType.objects.get_for_model(Page),
            task__groupapprovaltask__groups__user=user.pk,
        )
        known = {int(key) for key in states.values_list("workflow_state__object_id", flat=True)}
        user._pages_to_approve = known  # type: ignore[union-attr]
    return known
