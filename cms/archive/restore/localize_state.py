"""Restores the state of translations: sources with their segments, strings, overrides, revisions, and assignments."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision
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
from cms.archive.archive_file import ArchiveError, JsonObject
from cms.archive.export.snippet_rows import SNIPPET_TABLES
from cms.archive.export.translation_rows import OVERRIDE_EXCLUDED_FIELDS, STRING_EXCLUDED_FIELDS, referenced_model
from cms.archive.reference_rewriting import reference_kind
from cms.archive.row_serialization import archived_fields, deserialize_row, local_content
from cms.translations.models import OutdatedTranslation, TranslatedRevision, TranslationAssignment
from cms.translations.text_limits import refuse_link_of_translation
from sites.validation.links import is_safe_link

from .restore_context import RestoreContext, restore_automatic_times
from .translation_memory import restore_glossary, restore_memory


def restore_translations(context: RestoreContext) -> None:
    """Restore the translations of content that this import created. Existing content keeps its translations."""
    for row in context.read_rows(tables.SOURCES):
        if _is_created_content(context, row):
            _restore_source(context, row)
    for row in context.read_rows(tables.TRANSLATIONS):
        if context.mapped_id(TranslationSource, row.get("source")) is not None:
            _restore_translation(context, row)
    for row in context.read_rows(tables.STRINGS):
        if _is_created_content(context, row):
            _restore_string(context, row)
    for row in context.read_rows(tables.TRANSLATED_REVISIONS):
        if _is_created_content(context, row):
            _restore_translated_revision(context, row)
    for row in context.read_rows(tables.OVERRIDES):
        if _is_created_content(context, row):
            _restore_override(context, row)
    _restore_assignments(context)
    restore_memory(context)
    restore_glossary(context)


def _is_created_content(context: RestoreContext, row: JsonObject) -> bool:
    """Return True if the row concerns content that this import created. Raise ArchiveError for unknown content."""
    key = row.get("translation_key")
    if key not in context.known_keys:
        raise ArchiveError(_("The archive translates %(key)s, which it does not hold.") % {"key": key})
    return key in context.own_keys


def _restore_source(context: RestoreContext, row: JsonObject) -> None:
    model = _translatable_model(str(row.get("type")))
    base = Page if issubclass(model, Page) else model
    locale = context.locale_id(row.get("locale"))
    translatable, _created = TranslatableObject.objects.get_or_create(
        translation_key=row["translation_key"], content_type=ContentType.objects.get_for_model(base)
    )
    instance: Any = model._default_manager.filter(translation_key=row["translation_key"], locale=locale).first()
    if instance is None:
        return  # The source page was deleted. Its translations stay as they are.
    content = local_content(instance, row.get("content") or {}, context.natural_keys, context.map_reference)
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
    context.map_id(TranslationSource, row, source.pk)
    try:
        source.refresh_segments()
    except SourceDeletedError:
        context.add_note(
            _("The source of the translations of “%(title)s” no longer exists.") % {"title": source.object_repr}
        )
    except ValidationError as error:  # The content is beyond the limits of translation, which were higher before.
        context.add_note(" ".join(error.messages))


def _restore_translation(context: RestoreContext, row: JsonObject) -> None:
    """Restore a translation, except one of a page into a language that its department does not have."""
    source = TranslationSource.objects.get(pk=context.mapped_id(TranslationSource, row.get("source")))
    target = context.locale_id(row.get("target_locale"))
    model = source.specific_content_type.model_class()
    languages = context.department.department_locales.filter(locale=target)
    if target == source.locale_id or (model is not None and issubclass(model, Page) and not languages.exists()):
        text = _("A translation of “%(title)s” into “%(code)s” was left out: its department does not have it.")
        context.add_note(text % {"title": source.object_repr, "code": row.get("target_locale")})
        return
    _save(context, Translation, row, tables.TRANSLATIONS.fields, {})


def _restore_string(context: RestoreContext, row: JsonObject) -> None:
    source_locale = context.locale_id(row.get("source_locale"))
    string = String.from_value(source_locale, StringValue(str(row.get("source", ""))))
    extra_values = {"translation_of": string, "context": _translation_context(row)}
    if _exists(StringTranslation, context, row, extra_values):
        return
    fields = archived_fields(StringTranslation, STRING_EXCLUDED_FIELDS)
    translation = _save(context, StringTranslation, row, fields, extra_values)
    if isinstance(mark := row.get("outdated"), dict):
        since = parse_datetime(str(mark.get("since")))
        if since is None:
            raise ArchiveError(_("“%(value)s” is not a date and time.") % {"value": mark.get("since")})
        OutdatedTranslation.objects.create(
            string_translation=translation, former_source=str(mark.get("former_source", "")), since=since
        )


def _restore_translated_revision(context: RestoreContext, row: JsonObject) -> None:
    revision = context.mapped_id(Revision, row.get("id"))
    translation = Translation.objects.filter(
        source__object=row["translation_key"],
        source__locale=context.locale_id(row.get("source_locale")),
        target_locale=context.locale_id(row.get("locale")),
    ).first()
    if revision is None or translation is None:
        return  # The source was deleted: nothing is restored of its translations.
    fields = tables.TRANSLATED_REVISIONS.fields
    values = deserialize_row(TranslatedRevision, row, fields, context.natural_keys, context.map_reference)
    record = TranslatedRevision(revision_id=revision, translation=translation, **values)
    try:
        record.clean_fields()
    except ValidationError as error:
        texts = {"id": row.get("id"), "reasons": " ".join(error.messages)}
        raise ArchiveError(_("The segments of revision %(id)s are not valid: %(reasons)s") % texts) from error
    record.save()


def _restore_override(context: RestoreContext, row: JsonObject) -> None:
    data = row.get("data")
    if row.get("refers_to"):
        model = referenced_model(row["translation_key"], str(row.get("path")))
        if model is None or reference_kind(model) != row["refers_to"] or not isinstance(data, int):
            raise ArchiveError(_("The archive replaces “%(path)s” by something else.") % {"path": row.get("path")})
        data = context.map_reference(model, data)
    elif not isinstance(data, str) or data.isdigit() or not is_safe_link(data):
        raise ArchiveError(_("“%(value)s” is not the address of a page.") % {"value": str(data)[:200]})
    else:
        try:
            refuse_link_of_translation(data)
        except ValidationError as error:  # Older versions accepted it.
            context.add_note(" ".join(error.messages)[:500])
            return
    extra_values = {"context": _translation_context(row), "data_json": json.dumps(data)}
    if not _exists(SegmentOverride, context, row, {"context": extra_values["context"]}):
        _save(context, SegmentOverride, row, archived_fields(SegmentOverride, OVERRIDE_EXCLUDED_FIELDS), extra_values)


def _restore_assignments(context: RestoreContext) -> None:
    """Restore due dates, and name the former assignees in notes: none of them has a role yet."""
    languages = set(context.department.department_locales.filter(is_source=False).values_list("locale", flat=True))
    former: Counter[str] = Counter()
    for row in context.read_rows(tables.ASSIGNMENTS):
        fields = tables.ASSIGNMENTS.fields
        values = deserialize_row(TranslationAssignment, row, fields, context.natural_keys, context.map_reference)
        if values.get("locale_id") not in languages:
            raise ArchiveError(_("The language “%(code)s” is not known here.") % {"code": row.get("locale")})
        if isinstance(address := row.get("assignee"), str):
            former[address] += 1
        if values.get("due_on") is not None:
            TranslationAssignment.objects.create(**values | {"assignee_id": None})
    for address, number in sorted(former.items()):
        text = _("%(address)s had %(number)d translations to do: assign them again after the invitation is accepted.")
        context.add_note(text % {"address": address, "number": number})


def _translation_context(row: JsonObject) -> TranslationContext:
    key = row["translation_key"]
    if not TranslatableObject.objects.filter(pk=key).exists():
        raise ArchiveError(_("The archive translates %(key)s, which it does not hold.") % {"key": key})
    return TranslationContext.objects.get_or_create(object_id=key, path=str(row.get("path", "")))[0]


def _exists(model: type[Model], context: RestoreContext, row: JsonObject, lookup: dict[str, Any]) -> bool:
    locale = context.locale_id(row.get("locale"))
    return model._default_manager.filter(locale=locale, **lookup).exists()


def _save(
    context: RestoreContext, model: type[Model], row: JsonObject, fields: Any, extra_values: dict[str, Any]
) -> Any:
    values = deserialize_row(model, row, fields, context.natural_keys, context.map_reference)
    instance = model(**values, **extra_values)
    instance.save()
    restore_automatic_times(instance, fields, values)
    return instance


def _translatable_model(label: str) -> type[Any]:
    allowed = {model._meta.label_lower: model for model, _table in SNIPPET_TABLES}
    model = allowed.get(label) or next((each for each in apps.get_models() if each._meta.label_lower == label), None)
    if model is None or not (label in allowed or issubclass(model, Page)):
        raise ArchiveError(_("There is no type “%(type)s” here.") % {"type": label})
    return model
