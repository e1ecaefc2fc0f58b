"""Exports the state of translations, the assignments, the translation memory and the glossaries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from wagtail.models import Locale, Revision
from wagtail_localize.models import SegmentOverride, StringSegment, StringTranslation, Translation, TranslationSource

from cms.archive import tables
from cms.archive.archive_file import JsonObject
from cms.archive.reference_rewriting import reference_kind
from cms.archive.row_serialization import archived_fields, portable_content, serialize_row
from cms.translations.models import TranslatedRevision
from sites.access.overrides.reference_extraction import extract_references

from .export_context import ExportContext
from .xliff import XliffFile, XliffUnit, xliff_document

STRING_EXCLUDED_FIELDS = frozenset({"translation_of", "context"})
OVERRIDE_EXCLUDED_FIELDS = frozenset({"context", "data_json"})


class TranslationExporter:
    """An exporter of the translations of the pages, and of snippets with given translation keys."""

    def __init__(self, context: ExportContext) -> None:
        self._context = context
        self._keys: set[Any] = set()

    def write(self, snippet_keys: set[str]) -> None:
        context = self._context
        sources = list(context.selection.translation_sources(snippet_keys).values_list("pk", flat=True))
        self._keys = set(TranslationSource.objects.filter(pk__in=sources).values_list("object", flat=True))
        context.write_table(tables.SOURCES, self._source_rows(sources))
        translations = Translation.objects.filter(source__in=sources).order_by("pk")
        context.write_table(tables.TRANSLATIONS, self._rows(tables.TRANSLATIONS, translations))
        context.write_table(tables.STRINGS, self._string_rows())
        context.write_table(tables.TRANSLATED_REVISIONS, self._translated_revision_rows())
        context.write_table(tables.OVERRIDES, self._override_rows())
        assignments = context.selection.translation_assignments()
        context.write_table(tables.ASSIGNMENTS, self._rows(tables.ASSIGNMENTS, assignments))
        context.write_table(tables.MEMORY, self._rows(tables.MEMORY, context.selection.memory_pairs()))
        context.write_table(tables.GLOSSARY, self._rows(tables.GLOSSARY, context.selection.glossary_terms()))
        pairs = translations.order_by().values_list("source__locale__language_code", "target_locale__language_code")
        for source, target in sorted(set(pairs)):
            context.writer.write_text(
                f"translations/{source}-{target}.xlf",
                xliff_document(source, target, self._xliff_files(sources, source, target)),
            )

    def _rows(self, table: tables.Table, found: QuerySet) -> Iterator[JsonObject]:
        for row in found.iterator(chunk_size=500):
            yield serialize_row(row, table.fields, self._context.natural_keys, self._context.record_reference)

    def _source_rows(self, keys: list[int]) -> Iterator[JsonObject]:
        natural_keys, record_reference = self._context.natural_keys, self._context.record_reference
        found = TranslationSource.objects.filter(pk__in=keys).select_related("locale", "specific_content_type")
        for source in found.order_by("pk").iterator(chunk_size=200):
            model = source.specific_content_type.model_class()
            if model is None:
                continue
            self._context.exported_ids[TranslationSource].add(source.pk)
            yield {
                "id": source.pk,
                "translation_key": str(source.object_id),
                "type": model._meta.label_lower,
                "locale": source.locale.language_code,
                "object_repr": source.object_repr,
                "schema_version": source.schema_version,
                "created_at": source.created_at.isoformat(),
                "last_updated_at": source.last_updated_at.isoformat(),
                "content": portable_content(model, json.loads(source.content_json), natural_keys, record_reference),
            }

    def _string_rows(self) -> Iterator[JsonObject]:
        columns = archived_fields(StringTranslation, STRING_EXCLUDED_FIELDS)
        found = StringTranslation.objects.filter(context__object__in=self._keys)
        related = ("context", "translation_of__locale")
        for translation in found.select_related(*related, "outdated").order_by("pk").iterator(chunk_size=500):
            outdated = getattr(translation, "outdated", None)
            row = serialize_row(translation, columns, self._context.natural_keys, self._context.record_reference)
            del row["id"]
            yield {
                "translation_key": str(translation.context.object_id),
                "path": translation.context.path,
                "source_locale": translation.translation_of.locale.language_code,
                "source": translation.translation_of.data,
                "outdated": outdated and {"former_source": outdated.former_source, "since": outdated.since.isoformat()},
            } | row

    def _translated_revision_rows(self) -> Iterator[JsonObject]:
        fields = tables.TRANSLATED_REVISIONS.fields
        found = TranslatedRevision.objects.filter(
            translation__source__object__in=self._keys, revision__in=self._context.exported_ids[Revision]
        )
        related = ("translation__source__locale", "translation__target_locale")
        for record in found.select_related(*related).order_by("pk").iterator(chunk_size=500):
            row = serialize_row(record, fields, self._context.natural_keys, self._context.record_reference)
            yield {
                "translation_key": str(record.translation.source.object_id),
                "source_locale": record.translation.source.locale.language_code,
                "locale": record.translation.target_locale.language_code,
            } | row

    def _override_rows(self) -> Iterator[JsonObject]:
        columns = archived_fields(SegmentOverride, OVERRIDE_EXCLUDED_FIELDS)
        found = SegmentOverride.objects.filter(context__object__in=self._keys)
        for override in found.select_related("context").order_by("pk"):
            row = serialize_row(override, columns, self._context.natural_keys, self._context.record_reference)
            del row["id"]
            data = json.loads(override.data_json)
            model = (
                referenced_model(override.context.object_id, override.context.path) if isinstance(data, int) else None
            )
            yield {
                "translation_key": str(override.context.object_id),
                "path": override.context.path,
                "refers_to": model and reference_kind(model),
                "data": data if model is None else self._context.record_reference(model, data),
            } | row

    def _xliff_files(self, keys: list[int], source: str, target: str) -> Iterator[XliffFile]:
        target_pk = self._context.natural_keys.primary_key(Locale, target)
        in_pair = TranslationSource.objects.filter(
            pk__in=keys, locale__language_code=source, translations__target_locale=target_pk
        )
        for each in in_pair.order_by("pk").iterator(chunk_size=200):
            segments = StringSegment.objects.filter(source=each).annotate_translation(target_pk, include_errors=True)
            units = [
                XliffUnit(segment.context.path, segment.string.data, segment.translation or "")
                for segment in segments.select_related("context", "string").order_by("order", "pk")
            ]
            yield XliffFile(str(each.object_id), each.object_repr, units)


def referenced_model(translation_key: Any, path: str) -> Any:
    """Return the model to which the value at `path` of a content refers, or None if there is not exactly one."""
    source = TranslationSource.objects.filter(object=translation_key).select_related("specific_content_type").first()
    if source is None:
        return None
    models = defaultdict(set)
    for content_type_id, _pk, content_path in extract_references(source.as_instance()):
        models[content_path].add(content_type_id)
    found = {pk for content_path, pks in models.items() if content_path.startswith(path) for pk in pks}
    return ContentType.objects.get_for_id(found.pop()).model_class() if len(found) == 1 else None
