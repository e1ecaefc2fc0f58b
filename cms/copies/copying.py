"""Services of copies: take an offer as a copy, and merge later changes of its origin field by field."""

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
from cms.translations.progress import completeness
from sites.access.references.private_pages import is_private
from sites.models import Department, Sharing
from sites.sharing.transitions import accept_counted, count_answer

from .field_values import copied_fields, field_values, fingerprint, is_equivalent, set_field_value
from .value_adaptation import ValueAdapter


@dataclass(frozen=True)
class OriginChange:
    """A field that changed at the origin since the last merge. `base`, `origin` and `copy` are its JSON values."""

    field: Field
    base: Any
    origin: Any
    copy: Any
    is_changed_in_copy: bool


def published_origin(sharing: Sharing) -> ContentPage | None:
    """Return the published origin in the receiving department's source language, or None."""
    versions = Page.objects.filter(
        translation_key=sharing.content_key, locale=sharing.department.source_locale, live=True
    )
    page = versions.first()
    if page is None or is_private(page):
        return None
    origin: ContentPage = page.specific
    return origin if origin.may_be_public else None


def latest_copy_revision(copy: CopyOrigin, department: Department) -> ContentPage | None:
    """Return the latest revision of a copy in the department's source language, or None if the copy was deleted."""
    page = Page.objects.filter(translation_key=copy.content_key, locale=department.source_locale).first()
    return None if page is None else page.get_latest_revision_as_object()


def existing_copy(sharing: Sharing) -> tuple[CopyOrigin, ContentPage] | None:
    """Return the latest copy of an offer that still exists, or None."""
    for copy in sharing.copies.order_by("-pk"):
        if (page := latest_copy_revision(copy, sharing.department)) is not None:
            return copy, page
    return None


def find_parent(origin: ContentPage, department: Department) -> Page:
    """Return the department's page that becomes the parent of a copy; raises ValidationError if there is none."""
    home = department.site.root_page
    section = SectionPage.objects.child_of(home).filter(lists=origin.document_type).first()
    parent = section or home.specific
    if type(parent) not in type(origin).allowed_parent_page_models():
        message = _("Your site has no section for this type of content: make one first.")
        raise ValidationError(message)
    return parent


def omitted_content(sharing: Sharing, origin: ContentPage) -> list[str]:
    """Return descriptions of the parts that a copy of the origin would omit. Writes nothing."""
    adapter = ValueAdapter(sharing.department, copies_files=False)
    values = field_values(origin)
    for field in copied_fields(type(origin)):
        adapter.adapt(field, values[field.name])
    return list(dict.fromkeys(adapter.notes))


def take_copy(sharing: Sharing, user: Any = None) -> ContentPage:
    """Accept an offer as a copy and return the copy: a new draft, or an existing copy.

    Raises ValidationError if the origin is not published in the department's source language, if the site has no parent
    page for it, or if the offer is no longer open; RateLimitExceeded after too many answers. Views call it outside a
    transaction, because it counts.
    """
    count_answer(sharing, user)
    return _take_copy(sharing, user)


@transaction.atomic
def _take_copy(sharing: Sharing, user: Any) -> ContentPage:
    origin = published_origin(sharing)
    if origin is None:
        raise ValidationError(_("Its owner has not published it in your language: it can be mirrored, not copied."))
    _refuse_unfinished_translation(origin)
    parent = find_parent(origin, sharing.department)
    sharing = accept_counted(sharing, Sharing.Taken.COPY, None, user)
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


def _refuse_unfinished_translation(origin: ContentPage) -> None:
    """Raise ValidationError for texts that no record of the copy would call incomplete or machine-made."""
    if completeness.is_unfinished(origin):
        raise ValidationError(
            _("Its translation in your language is incomplete or not reviewed: it can be mirrored, not copied.")
        )


def origin_changes(copy_origin: CopyOrigin, origin: ContentPage, page: ContentPage) -> list[OriginChange]:
    """Return the fields that changed at the origin since the last merge, in the order of the form."""
    origin_values, copy_values = field_values(origin), field_values(page)
    return [
        OriginChange(
            field=field,
            base=copy_origin.base.get(field.name),
            origin=origin_values[field.name],
            copy=copy_values[field.name],
            is_changed_in_copy=field.name not in copy_origin.taken
            or not is_equivalent(copy_values[field.name], copy_origin.taken[field.name]),
        )
        for field in copied_fields(type(page))
        if not is_equivalent(copy_origin.base.get(field.name), origin_values[field.name])
    ]


def state_token(origin: ContentPage, page: ContentPage) -> str:
    """Return a hash of the values of origin and copy. `merge` compares it, to refuse choices about outdated values."""
    return fingerprint({"origin": field_values(origin), "copy": field_values(page)})


@transaction.atomic
def merge(copy: CopyOrigin, department: Department, taken: Collection[str], state: str, user: Any = None) -> list[str]:
    """Copy the fields named in `taken` from the origin, keep the others, and return descriptions of omitted parts.

    Saves a new draft revision, or none if `taken` is empty. `state` is the state_token() of the choice; raises
    ValidationError if the origin or the copy has changed since.
    """
    copy = CopyOrigin.objects.select_for_update(of=("self",)).select_related("sharing").get(pk=copy.pk)
    origin = published_origin(copy.sharing) if copy.sharing is not None else None
    page = latest_copy_revision(copy, department)
    if not copy.is_in_force or origin is None or page is None:
        raise ValidationError(_("The origin is not there any more."))
    _refuse_unfinished_translation(origin)
    if state != state_token(origin, page):
        raise ValidationError(_("The origin or your copy has changed meanwhile: look at the fields again."))
    adapter = ValueAdapter(department)
    changed = origin_changes(copy, origin, page)
    for change in changed:
        name = change.field.name
        copy.base[name] = change.origin
        copy.taken.pop(name, None)
        if name in taken:
            set_field_value(page, change.field, adapter.adapt(change.field, change.origin))
            copy.taken[name] = field_values(page)[name]
    if any(change.field.name in taken for change in changed):
        page.enforces_publication_rules = False
        page.full_clean()
        page.save_revision(user=user, log_action=True)
    copy.save()
    return list(dict.fromkeys(adapter.notes))
