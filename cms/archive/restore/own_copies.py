"""Restores the origins of copies: their sharing, and the state that the next merge compares with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from wagtail.models import CollectionMember, Locale, Page, TranslatableMixin

from cms.archive import tables
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.export.copy_rows import COPYABLE_MEDIA_BY_LABEL
from cms.archive.row_serialization import local_field_values
from cms.pages.models import CopiedMedium, CopyOrigin
from sites.models import Department, Sharing

from .restore_context import RestoreContext


def restore_copies(context: RestoreContext) -> None:
    """Link copies to origins that this instance shares with the department; add a note for every other copy.

    Call it after the sharings are restored. An untrusted archive restores no sharing, so it links no copy.
    """
    for row in context.read_rows(tables.COPIES):
        _restore_copy(context, row)
    for row in context.read_rows(tables.COPIED_MEDIA):
        _restore_copied_medium(context, row)


def relink_copies(sharing: Sharing) -> None:
    """Link copies that lost their origin when its owner was retired, now that the owner is restored."""
    pages = Page.objects.filter(path__startswith=sharing.department.container.path).values("translation_key")
    lost = CopyOrigin.objects.filter(sharing=None, origin_key=sharing.content_key, content_key__in=pages)
    lost.update(sharing=sharing)


def _restore_copy(context: RestoreContext, row: JsonObject) -> None:
    key, origin_key = UUID(str(row.get("content_key"))), UUID(str(row.get("origin_key")))
    container = context.department.container.path
    page = Page.objects.filter(translation_key=key, path__startswith=container).first()
    if page is None or CopyOrigin.objects.filter(content_key=key).exists():
        raise ArchiveError(
            _("The archive has the origin of the copy %(key)s, but does not hold the copy itself.") % {"key": key}
        )
    sharing = Sharing.objects.filter(content_key=origin_key, department=context.department).first()
    if sharing is None and row.get("in_force"):
        context.add_note(
            _("“%(title)s” is a copy of content that department %(code)s does not share. It is now a separate page.")
            % {"title": page.title, "code": row.get("owner")}
        )
        return
    base, taken = row.get("base"), row.get("taken")
    if not isinstance(base, dict) or not isinstance(taken, dict):
        raise ArchiveError(_("The archive lacks the values of the origin of the copy %(key)s.") % {"key": key})

    def original(model: type[Model], number: int) -> int | None:
        return _origin_target(context, model, number)

    copy = CopyOrigin.objects.create(
        content_key=key,
        origin_key=origin_key,
        # None keeps the copy offline: according to the archive its origin was no longer offered.
        sharing=sharing,
        base=local_field_values(page.specific_class, base, context.natural_keys, original),
        taken=local_field_values(page.specific_class, taken, context.natural_keys, context.resolve_reference),
    )
    if merged_at := CopyOrigin._meta.get_field("merged_at").to_python(row.get("merged_at")):
        CopyOrigin.objects.filter(pk=copy.pk).update(merged_at=merged_at)


def _restore_copied_medium(context: RestoreContext, row: JsonObject) -> None:
    model = COPYABLE_MEDIA_BY_LABEL.get(str(row.get("content_type")))
    if model is None:
        raise ArchiveError(_("There is no type “%(type)s” here.") % {"type": row.get("content_type")})
    copy, origin = context.mapped_id(model, row.get("copy_id")), _origin_target(context, model, row.get("origin_id"))
    if copy is not None and origin is not None:
        CopiedMedium.objects.get_or_create(
            content_type=ContentType.objects.get_for_model(model),
            department=context.department,
            origin_id=origin,
            defaults={"copy_id": copy},
        )


def _origin_target(context: RestoreContext, model: type[Model], number: Any) -> int | None:
    """Return the id of the row to which an origin refers, or None if it cannot be identified.

    If it is None, the next merge shows the field as changed.
    """
    found, declared = context.mapped_id(model, number), context.external_reference(model, number)
    if found is not None or declared is None or not context.is_trusted:
        return found
    if issubclass(model, TranslatableMixin):
        key, locale = declared.get("translation_key"), context.natural_keys.primary_key(Locale, declared.get("locale"))
        versions = model._default_manager.filter(translation_key=key, locale=locale) if key and locale else None
        return versions.values_list("pk", flat=True).first() if versions is not None else None
    return _origin_medium(context, model, number, declared) if issubclass(model, CollectionMember) else None


def _origin_medium(context: RestoreContext, model: type[Model], number: int, declared: JsonObject) -> int | None:
    """Return the medium with the same id if this instance wrote the archive, else with the same file hash."""
    owner = Department.objects.filter(code=declared.get("department")).select_related("collection").first()
    if owner is None:
        return None
    media: QuerySet[Any] = model._default_manager.filter(collection__path__startswith=owner.collection.path)
    if context.reader.is_signed_by_this_instance and media.filter(pk=number).exists():
        return number
    file_hash = declared.get("file_hash")
    return media.filter(file_hash=file_hash).values_list("pk", flat=True).first() if file_hash else None
