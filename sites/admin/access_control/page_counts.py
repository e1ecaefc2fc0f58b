"""The number and the size of pages that one change may copy, publish, unpublish or delete.

Each page costs 30 to 80 queries, and each million characters of its text half a second. A larger tree is changed in
parts. A screen changes its pages in several requests (`cms.divided_changes`), an action of the admin's API in one, so
that it may change fewer. A move has no limit: it changes the URLs of the pages below, not their content.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, Sum, TextField
from django.db.models.functions import Cast, Length
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from wagtail.models import Page

MAX_PAGES = 200
# Limit of the newest revisions of all pages together. A single page may be longer: it has its own limit.
MAX_CHARACTERS = 5_000_000
MAX_PAGES_OF_API, MAX_CHARACTERS_OF_API = 20, 1_000_000
# A publication writes all aliases of a page in its transaction.
MAX_ALIASES = 20
# Fields of forms, and of actions of the admin's API, that extend an action to the pages below; a deletion always does.
SUBTREE_FIELDS = ("copy_subpages", "include_descendants", "recursive")
DELETION = "delete"


def refuse_too_many(
    request: HttpRequest, pages: Sequence[Any], action: str = "", *, with_pages_below: bool = False
) -> HttpResponseRedirect | None:
    """Return to the list with a message if a form would change too many pages, or other objects; else None.

    `action` is "delete" for a deletion, which includes the pages below and reads no texts. `with_pages_below` is for
    requests that include them without a field of the form.
    """
    limits = _Limits(MAX_PAGES, MAX_CHARACTERS)
    fields = dict.fromkeys(SUBTREE_FIELDS, "on") if with_pages_below else request.POST
    reason = _reason(fields, pages, action, limits) if request.method == "POST" else ""
    if not reason:
        return None
    messages.error(request, reason)
    first = pages[0]
    parent = first.get_parent() if isinstance(first, Page) else None
    return redirect("wagtailadmin_explore", parent.pk) if parent is not None else redirect("wagtailadmin_home")


def too_many_message(fields: Mapping[str, Any], page: Page, action: str) -> str:
    """Return why an action of the admin's API with these fields is refused for a page; "" if it is not."""
    return _reason(fields, [page], action, _Limits(MAX_PAGES_OF_API, MAX_CHARACTERS_OF_API))


def limited_keys(keys: Iterable[Any]) -> list[Any]:
    """Return the different keys of selected objects. Raises ValidationError if they are too many for one change."""
    found: dict[Any, None] = {}
    for key in keys:
        found[key] = None
        if len(found) > MAX_PAGES:
            raise ValidationError(_too_many_pages(MAX_PAGES))
    return list(found)


def too_many_aliases_message(page: Page, *, with_pages_below: bool) -> str:
    """Return why more aliases of a page and those below it are refused; "" if they are allowed. Three queries.

    To be called in the transaction that makes them, which locks the originals until its end.
    """
    pages = page.get_descendants(inclusive=True) if with_pages_below else Page.objects.filter(pk=page.pk)
    # An alias of an alias follows its original.
    added = Counter(original or pk for pk, original in pages.values_list("pk", "alias_of"))
    # Forms that are sent at the same moment wait for each other: the second counts the aliases of the first.
    list(Page.objects.select_for_update(no_key=True).filter(pk__in=added).order_by("pk").values("pk"))
    aliases = Page.objects.filter(alias_of__in=added).order_by().values("alias_of").annotate(number=Count("pk"))
    present = dict(aliases.values_list("alias_of", "number"))
    if all(present.get(original, 0) + number <= MAX_ALIASES for original, number in added.items()):
        return ""
    return _("A page has at most %(number)d aliases: delete some, or copy the page.") % {"number": MAX_ALIASES}


class _Limits(NamedTuple):
    pages: int
    characters: int


def _reason(fields: Mapping[str, Any], pages: Sequence[Any], action: str, limits: _Limits) -> str:
    number = _number(fields, pages, action)
    if number > limits.pages:
        return _too_many_pages(limits.pages)
    if number > 1 and action != DELETION and _characters(pages, is_subtree=number > len(pages)) > limits.characters:
        message = _(
            "These pages have more than %(number)s characters together. Do it in parts, beginning with the lowest"
            " pages."
        )
        return message % {"number": number_format(limits.characters, force_grouping=True)}
    return ""


def _too_many_pages(limit: int) -> str:
    message = _(
        "More than %(number)d pages cannot be changed at once. Do it in parts, beginning with the lowest pages."
    )
    return message % {"number": limit}


def _characters(pages: Sequence[Any], *, is_subtree: bool) -> int:
    """Return the number of characters in the newest revisions of the pages, and perhaps of those below. One query."""
    found = [page for page in pages if isinstance(page, Page)]
    condition = Q(pk__in=[page.pk for page in found])
    for page in found if is_subtree else ():
        condition |= Q(path__startswith=page.path)
    length = Length(Cast("latest_revision__content", TextField()))
    total: int | None = Page.objects.filter(condition).aggregate(total=Sum(length))["total"]
    return total or 0


def _number(fields: Mapping[str, Any], pages: Sequence[Any], action: str) -> int:
    """Return the number of objects that a form changes. A page below another one counts once."""
    number = len(pages)
    if number > MAX_PAGES or not (action == DELETION or any(fields.get(name) for name in SUBTREE_FIELDS)):
        return number
    top = ""
    for page in sorted((each for each in pages if isinstance(each, Page)), key=lambda page: page.path):
        if top and page.path.startswith(top):
            number -= 1  # Counted with the pages below the one above it.
            continue
        top = page.path
        number += page.get_descendant_count() if page.numchild else 0
    return number
