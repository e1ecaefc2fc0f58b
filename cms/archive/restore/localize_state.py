"""Restores the state of wagtail-localize: sources and their segments, translations, strings and overrides."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail_localize.models import (
    SegmentOverride,
    SourceDeletedError,
    String,
    StringTranslation,
    TranslatableObject,
    Translation,
    TranslationContext,
    TranslationSource,
)
from wagtail_localize.strings import StringValue

from cms.archive import tables
from cms.archive.archive_file import Refused, Row
from cms.archive.export.snippet_rows import SNIPPETS
from cms.archive.export.translation_rows import OF_A_STRING, OF_AN_OVERRIDE, model_at
from cms.archive.reference_rewriting import kind_of
from cms.archive.row_serialization import columns_of, local_content, restored
from sites.validation.links import is_safe_link

from .restore_context import Restoration, set_automatic_times


def restore_translations(restoration: Restoration) -> None:
    """Restore what concerns the contents that this import made; what the instance had before keeps its own."""
    for row in restoration.rows(tables.SOURCES):
        if _is_own(restoration, row):
            _restore_source(restoration, row)
    for row in restoration.rows(tables.TRANSLATIONS):
        if restoration.find(TranslationSource, row.get("source")) is not None:
            _save(restoration, Translation, row, tables.TRANSLATIONS.columns, {})
    for row in restoration.rows(tables.STRINGS):
        if _is_own(restoration, row):
            _restore_string(restoration, row)
    for row in restoration.rows(tables.OVERRIDES):
        if _is_own(restoration, row):
            _restore_override(restoration, row)


def _is_own(restoration: Restoration, row: Row) -> bool:
    """Whether a row is about a content that this import made. Raises Refused for one that the archive does not hold."""
    key = row.get("translation_key")
    if key not in restoration.known_keys:
        raise Refused(_("The archive translates %(key)s, which it does not hold.") % {"key": key})
    return key in restoration.own_keys


def _restore_source(restoration: Restoration, row: Row) -> None:
    model = _model(str(row.get("type")))
    base = Page if issubclass(model, Page) else model
    locale = restoration.locale(row.get("locale"))
    translatable, _created = TranslatableObject.objects.get_or_create(
        translation_key=row["translation_key"], content_type=ContentType.objects.get_for_model(base)
    )
    instance: Any = model._default_manager.filter(translation_key=row["translation_key"], locale=locale).first()
    if instance is None:
        return  # Its source was deleted; what was translated stays as it is.
    content = local_content(instance, row.get("content") or {}, restoration.names, restoration.visit)
    source = TranslationSource.objects.create(
        object=translatable,
        specific_content_type=ContentType.objects.get_for_model(model),
        locale_id=locale,
        object_repr=str(row.get("object_repr", ""))[:200],
        content_json=json.dumps(content),
        schema_version=str(row.get("schema_version", ""))[:255],
        last_updated_at=parse_datetime(str(row.get("last_updated_at"))),
    )
    TranslationSource.objects.filter(pk=source.pk).update(created_at=parse_datetime(str(row.get("created_at"))))
    restoration.became(TranslationSource, row, source.pk)
    try:
        source.refresh_segments()
    except SourceDeletedError:
        restoration.note(_("The source of the translations of “%(title)s” is gone.") % {"title": source.object_repr})


def _restore_string(restoration: Restoration, row: Row) -> None:
    source_locale = restoration.locale(row.get("source_locale"))
    string = String.from_value(source_locale, StringValue(str(row.get("source", ""))))
    more = {"translation_of": string, "context": _context(row)}
    if _taken(StringTranslation, restoration, row, more):
        return
    _save(restoration, StringTranslation, row, columns_of(StringTranslation, OF_A_STRING), more)


def _restore_override(restoration: Restoration, row: Row) -> None:
    data = row.get("data")
    if row.get("refers_to"):
        model = model_at(row["translation_key"], str(row.get("path")))
        if model is None or kind_of(model) != row["refers_to"] or not isinstance(data, int):
            raise Refused(_("The archive replaces “%(path)s” by something else.") % {"path": row.get("path")})
        data = restoration.visit(model, data)
    elif not isinstance(data, str) or data.isdigit() or not is_safe_link(data):
        raise Refused(_("“%(value)s” is not the address of a page.") % {"value": str(data)[:200]})
    more = {"context": _context(row), "data_json": json.dumps(data)}
    if not _taken(SegmentOverride, restoration, row, {"context": more["context"]}):
        _save(restoration, SegmentOverride, row, columns_of(SegmentOverride, OF_AN_OVERRIDE), more)


def _context(row: Row) -> TranslationContext:
    key = row["translation_key"]
    if not TranslatableObject.objects.filter(pk=key).exists():
        raise Refused(_("The archive translates %(key)s, which it does not hold.") % {"key": key})
    return TranslationContext.objects.get_or_create(object_id=key, path=str(row.get("path", "")))[0]


def _taken(model: type[Model], restoration: Restoration, row: Row, lookup: dict[str, Any]) -> bool:
    locale = restoration.locale(row.get("locale"))
    return model._default_manager.filter(locale=locale, **lookup).exists()


def _save(restoration: Restoration, model: type[Model], row: Row, fields: Any, more: dict[str, Any]) -> None:
    values = restored(model, row, fields, restoration.names, restoration.visit)
    instance = model(**values, **more)
    instance.save()
    set_automatic_times(instance, fields, values)


def _model(label: str) -> type[Any]:
    allowed = {model._meta.label_lower: model for model, _table in SNIPPETS}
    model = allowed.get(label) or next((each for each in apps.get_models() if each._meta.label_lower == label), None)
    if model is None or not (label in allowed or issubclass(model, Page)):
        raise Refused(_("There is no type “%(type)s” here.") % {"type": label})
    return model
