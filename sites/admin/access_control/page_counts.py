"""The number of pages that one request may copy, publish, unpublish or delete: each costs 30 to 80 queries.

A larger tree is changed in parts. A move has no limit: it changes the addresses of the pages below, not their content.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail.models import Page

MAX_PAGES = 200
# Fields of forms, and of actions of the admin's API, that extend an action to the pages below; a deletion always does.
SUBTREE_FIELDS = ("copy_subpages", "include_descendants", "recursive")
DELETION = "delete"


def refuse_too_many(request: HttpRequest, pages: Sequence[Any], action: str = "") -> HttpResponseRedirect | None:
    """Return to the list with a message if a form would change more than MAX_PAGES pages, or other objects; else None.

    `action` is "delete" for a deletion, which includes the pages below.
    """
    if request.method != "POST" or _number(request.POST, pages, action) <= MAX_PAGES:
        return None
    messages.error(request, _too_many())
    first = pages[0]
    parent = first.get_parent() if isinstance(first, Page) else None
    return redirect("wagtailadmin_explore", parent.pk) if parent is not None else redirect("wagtailadmin_home")


def too_many_message(fields: Mapping[str, Any], page: Page, action: str) -> str:
    """Return why an action of the admin's API with these fields is refused for a page; "" if it is not."""
    return _too_many() if _number(fields, [page], action) > MAX_PAGES else ""


def _too_many() -> str:
    message = _(
        "More than %(number)d pages cannot be changed at once. Do it in parts, beginning with the lowest pages."
    )
    return message % {"number": MAX_PAGES}


def _number(fields: Mapping[str, Any], pages: Sequence[Any], action: str) -> int:
    """Return the number of objects that a form changes; a page below another of them may count twice."""
    number = len(pages)
    if number > MAX_PAGES or not (action == DELETION or any(fields.get(name) for name in SUBTREE_FIELDS)):
        return number
    below = [page.get_descendant_count() for page in pages if isinstance(page, Page) and page.numchild]
    return number + sum(below)
