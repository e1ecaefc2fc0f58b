"""The pages that a view restriction keeps from the public: in every language of the restricted page, and below these.

Wagtail restricts one page and its descendants, and a translation is another page. Here a restriction belongs to the
content, as a consent does: a page is private if one of its languages is restricted or stands below a restricted page,
in any language of that. An alias is private if its original is; `direct_aliases` keeps originals from being aliases.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.signals import post_delete, pre_delete
from wagtail.models import Page, PageViewRestriction

from sites.access.querysets import enclosing


def is_restricted() -> Exists:
    """Return the condition, for a queryset of pages, that a page is private.

    It adds a join with the originals of aliases, one subquery and no parameter.
    """
    restricted_contents = PageViewRestriction.objects.values("page__translation_key")
    restricted = Page.objects.filter(translation_key__in=restricted_contents)
    versions = Q(translation_key=OuterRef("translation_key")) | Q(translation_key=OuterRef("alias_of__translation_key"))
    return Exists(Page.objects.filter(versions).filter(Exists(enclosing(restricted, "path", "path"))).order_by())


def private_pages() -> QuerySet[Page]:
    """Return the private pages of all departments."""
    pages: QuerySet[Page] = Page.objects.filter(is_restricted()).order_by()
    return pages


def is_private(page: Page) -> bool:
    """Return True if a stored page is private; one query."""
    return private_pages().filter(pk=page.pk).exists()


def restrictions_of(page: Page) -> QuerySet[PageViewRestriction]:
    """Return the view restrictions that make a page private; two queries."""
    contents = Page.objects.filter(pk__in={page.pk, page.alias_of_id} - {None}).values("translation_key")
    versions = Page.objects.filter(translation_key__in=contents)
    paths = {
        path[:end]
        for path in versions.values_list("path", flat=True)
        for end in range(Page.steplen, len(path) + 1, Page.steplen)
    }
    above = Page.objects.filter(path__in=paths).values("translation_key")
    restrictions: QuerySet[PageViewRestriction] = PageViewRestriction.objects.filter(page__translation_key__in=above)
    return restrictions


@dataclass(frozen=True)
class KeptRestriction:
    """The values of a view restriction, which may be deleted meanwhile."""

    restriction_type: str
    password: str
    groups: tuple[Any, ...]


def kept_restrictions(page: Page) -> tuple[KeptRestriction, ...]:
    """Return the values of all restrictions that make a page private; () after one query for a public page."""
    return _values(restrictions_of(page)) if is_private(page) else ()


def keep_private(page: Page, restrictions: Collection[KeptRestriction]) -> None:
    """Add those of the restrictions to a page that it lacks. No query if `restrictions` is empty."""
    lacking = dict.fromkeys(restrictions)
    for present in _values(restrictions_of(page)) if lacking else ():
        lacking.pop(present, None)
    for each in lacking:
        kept = PageViewRestriction.objects.create(
            page=page, restriction_type=each.restriction_type, password=each.password
        )
        kept.groups.set(each.groups)


def _values(restrictions: QuerySet[PageViewRestriction]) -> tuple[KeptRestriction, ...]:
    found = restrictions.order_by("pk").prefetch_related("groups")
    return tuple(
        KeptRestriction(each.restriction_type, each.password, tuple(sorted(each.groups.all(), key=lambda row: row.pk)))
        for each in found
    )


def keep_privacy_of_deleted_pages() -> None:
    """Connect the signals that keep a content private when its restricted language is deleted; called once."""
    pre_delete.connect(_before_page_deletion, sender=Page, dispatch_uid="private_pages")
    post_delete.connect(_after_page_deletion, sender=Page, dispatch_uid="private_pages")


def _before_page_deletion(instance: Page, **kwargs: Any) -> None:
    """Note the restriction of a page with other languages or aliases: it is deleted with the page or with one above."""
    others = Page.objects.filter(translation_key=instance.translation_key).exclude(pk=instance.pk)
    aliases = Q(alias_of=instance.pk)
    private = private_pages().filter(Q(pk__in=others.values("pk")) | aliases)
    if followers := list(private.values_list("pk", "alias_of")):
        instance._kept_restrictions = kept_restrictions(instance)
        instance._followers = [pk for pk, original in followers if original == instance.pk]


def _after_page_deletion(instance: Page, **kwargs: Any) -> None:
    """Restrict a remaining language of the content, and its former aliases, if the deletion would make them public."""
    restrictions = instance.__dict__.pop("_kept_restrictions", ())
    followers = instance.__dict__.pop("_followers", [])
    if not restrictions:
        return
    remaining = Page.objects.filter(translation_key=instance.translation_key).order_by("pk").first()
    for page in filter(None, (remaining, *Page.objects.filter(pk__in=followers))):
        keep_private(page, restrictions)
