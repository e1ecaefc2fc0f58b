"""Serializes the department's copies of other departments' content, with the origin at the last merge."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page

from cms.archive.archive_file import JsonObject
from cms.archive.row_serialization import portable_content, serialize_row
from cms.archive.selection import COPYABLE_MEDIA_MODELS, chunks
from cms.archive.tables import COPIED_MEDIA, COPIES
from cms.pages.models import CopyOrigin

from .export_context import ExportContext

COPYABLE_MEDIA_BY_LABEL = {model._meta.label_lower: model for model in COPYABLE_MEDIA_MODELS}


def copy_rows(context: ExportContext) -> Iterator[JsonObject]:
    """Yield a row for each copy, and record the references of its origin."""
    for chunk in chunks(list(context.selection.copy_origins().values_list("pk", flat=True))):
        copies = CopyOrigin.objects.filter(pk__in=chunk).select_related("sharing__owner").order_by("pk")
        keys = [copy.content_key for copy in copies]
        types = dict(Page.objects.filter(translation_key__in=keys).values_list("translation_key", "content_type"))
        for copy in copies:
            model = ContentType.objects.get_for_id(types[copy.content_key]).model_class()
            if model is None:
                continue
            owner = copy.sharing.owner if copy.sharing else None
            yield serialize_row(copy, COPIES.fields, context.natural_keys, context.record_reference) | {
                "owner": owner and owner.code,
                "owner_slug": owner and owner.slug,
                "in_force": copy.is_in_force,
                "base": portable_content(model, copy.base, context.natural_keys, context.record_reference),
                # `taken` refers to rows of the department itself, so these references are not recorded.
                "taken": portable_content(model, copy.taken, context.natural_keys, lambda _model, pk: pk),
            }


def copied_media_rows(context: ExportContext) -> Iterator[JsonObject]:
    """Yield a row for each copied medium, and record a reference to the original medium."""
    for copied in context.selection.copied_media().select_related("content_type"):
        row = serialize_row(copied, COPIED_MEDIA.fields, context.natural_keys, context.record_reference)
        model = COPYABLE_MEDIA_BY_LABEL.get(row["content_type"])
        if model is not None:
            context.record_reference(model, copied.origin_id)
            yield row
