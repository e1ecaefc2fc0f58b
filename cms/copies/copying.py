"""Takes an offer as an own copy, and merges its origin's later changes, field by field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field
from django.utils.translation import gettext as _
from wagtail.coreutils import find_available_slug
from wagtail.models import Page

from cms.pages.models import ContentPage, SectionPage
from cms.pages.models.copy_origin import CopyOrigin
from sites.models import Department, Sharing
from sites.sharing.shared_content import is_private
from sites.sharing.transitions import accept

from .field_values import copied_fields, field_values, fingerprint, is_equivalent, set_field_value
from .value_adaptation import ValueAdapter


@dataclass(frozen=True)
class OriginChange:
    """A field that changed at the origin since the last merge; values are JSON."""

    field: Field
    base: Any
    origin: Any
    mine: Any
    is_changed_in_copy: bool


def published_origin(sharing: Sharing) -> ContentPage | None:
    """Return the published origin in the language in which the other department writes, or None without one."""
    versions = Page.objects.filter(
        translation_key=sharing.content_key, locale=sharing.department.source_locale, live=True
    )
    page = versions.first()
    return None if page is None or is_private(page) else page.specific


def latest_copy_revision(copy: CopyOrigin, department: Department) -> ContentPage | None:
    """Return the copy as it is edited now, in the department's own language; None when it was deleted."""
    page = Page.objects.filter(translation_key=copy.content_key, locale=department.source_locale).first()
    return None if page is None else page.get_latest_revision_as_object()


def existing_copy(sharing: Sharing) -> tuple[CopyOrigin, ContentPage] | None:
    """Return the copy that was taken of an offer, unless it was deleted since."""
    for copy in sharing.copies.order_by("-pk"):
        if (page := latest_copy_revision(copy, sharing.department)) is not None:
            return copy, page
    return None


def find_parent(origin: ContentPage, department: Department) -> Page:
    """Return the page of the department below which a copy goes; raises ValidationError when there is none."""
    home = department.site.root_page
    section = SectionPage.objects.child_of(home).filter(lists=origin.document_type).first()
    parent = section or home.specific
    if type(parent) not in type(origin).allowed_parent_page_models():
        message = _("Your site has no section for this type of content: make one first.")
        raise ValidationError(message)
    return parent


def omitted_content(sharing: Sharing, origin: ContentPage) -> list[str]:
    """Return what a copy of the origin would not hold; copies nothing."""
    adapter = ValueAdapter(sharing.department, copies_files=False)
    values = field_values(origin)
    for field in copied_fields(type(origin)):
        adapter.adapt(field, values[field.name])
    return list(dict.fromkeys(adapter.notes))


@transaction.atomic
def take_copy(sharing: Sharing, user: Any = None) -> ContentPage:
    """Accept an offer as an own copy and return it: a draft of the department, or the copy taken before.

    Raises ValidationError when the origin is not published in the department's language, when the site has no place
    for it, or when the offer does not stand any more.
    """
    origin = published_origin(sharing)
    if origin is None:
        raise ValidationError(_("Its owner has not published it in your language: it can be mirrored, not copied."))
    parent = find_parent(origin, sharing.department)
    sharing = accept(sharing, Sharing.Taken.COPY, None, user)
    if (existing := existing_copy(sharing)) is not None:
        return existing[1]
    adapter = ValueAdapter(sharing.department)
    base = field_values(origin)
    page = type(origin)(locale=sharing.department.source_locale, live=False, owner=user)
    for field in copied_fields(type(origin)):
        set_field_value(page, field, adapter.adapt(field, base[field.name]))
    page.slug = find_available_slug(parent, origin.slug)
    parent.add_child(instance=page)
    page.save_revision(user=user, log_action=True)
    CopyOrigin.objects.create(
        content_key=page.translation_key,
        origin_key=sharing.content_key,
        sharing=sharing,
        base=base,
        taken=field_values(page),
    )
    return page


def origin_changes(copy: CopyOrigin, origin: ContentPage, page: ContentPage) -> list[OriginChange]:
    """Return what changed at the origin since the last merge, in the order of the form."""
    now, mine = field_values(origin), field_values(page)
    return [
        OriginChange(
            field=field,
            base=copy.base.get(field.name),
            origin=now[field.name],
            mine=mine[field.name],
            is_changed_in_copy=field.name not in copy.taken
            or not is_equivalent(mine[field.name], copy.taken[field.name]),
        )
        for field in copied_fields(type(page))
        if not is_equivalent(copy.base.get(field.name), now[field.name])
    ]


def state_token(origin: ContentPage, page: ContentPage) -> str:
    """Return a mark of both states, for `merge` to refuse choices that were made about others."""
    return fingerprint({"origin": field_values(origin), "mine": field_values(page)})


@transaction.atomic
def merge(copy: CopyOrigin, department: Department, taken: Collection[str], state: str, user: Any = None) -> list[str]:
    """Take the named fields over from the origin and keep the other changed ones; return what was left out.

    The result is a new draft revision, or none when nothing is taken. Raises ValidationError when `state` is not the
    present one: the origin or the copy has changed since the choice was made.
    """
    copy = CopyOrigin.objects.select_for_update(of=("self",)).select_related("sharing").get(pk=copy.pk)
    origin = published_origin(copy.sharing) if copy.sharing is not None else None
    page = latest_copy_revision(copy, department)
    if not copy.is_in_force or origin is None or page is None:
        raise ValidationError(_("The origin is not there any more."))
    if state != state_token(origin, page):
        raise ValidationError(_("The origin or your copy has changed meanwhile: look at the fields again."))
    adapter = ValueAdapter(department)
    changed = origin_changes(copy, origin, page)
    for difference in changed:
        name = difference.field.name
        copy.base[name] = difference.origin
        copy.taken.pop(name, None)
        if name in taken:
            set_field_value(page, difference.field, adapter.adapt(difference.field, difference.origin))
            copy.taken[name] = field_values(page)[name]
    if any(difference.field.name in taken for difference in changed):
        page.enforces_publication_rules = False
        page.full_clean()
        page.save_revision(user=user, log_action=True)
    copy.save()
    return list(dict.fromkeys(adapter.notes))
