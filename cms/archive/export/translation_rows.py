"""The state of wagtail-localize in an archive: sources, translations, translated strings and overrides."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from wagtail_localize.models import SegmentOverride, StringSegment, StringTranslation, Translation, TranslationSource

from cms.archive import tables
from cms.archive.archive_file import Row
from cms.archive.reference_rewriting import kind_of
from cms.archive.row_serialization import columns_of, portable_content, row_of
from sites.access.overrides.reference_extraction import extract_references

from .export_context import Gathering
from .xliff import Content, Unit, xliff

OF_A_STRING = frozenset({"translation_of", "context"})
OF_AN_OVERRIDE = frozenset({"context", "data_json"})


class TranslationExporter:
    """Writes the translations of the pages and of the snippets whose keys are given."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._keys: set[Any] = set()

    def write(self, snippet_keys: set[str]) -> None:
        gathering = self._gathering
        sources = list(gathering.selection.sources(snippet_keys).values_list("pk", flat=True))
        self._keys = set(TranslationSource.objects.filter(pk__in=sources).values_list("object", flat=True))
        gathering.write(tables.SOURCES, self._sources(sources))
        translations = Translation.objects.filter(source__in=sources).order_by("pk")
        gathering.write(
            tables.TRANSLATIONS,
            (row_of(each, tables.TRANSLATIONS.columns, gathering.names, gathering.visit) for each in translations),
        )
        gathering.write(tables.STRINGS, self._strings())
        gathering.write(tables.OVERRIDES, self._overrides())
        pairs = translations.order_by().values_list("source__locale__language_code", "target_locale__language_code")
        for source, target in sorted(set(pairs)):
            gathering.writer.write_text(
                f"translations/{source}-{target}.xlf", xliff(source, target, self._contents(sources, source, target))
            )

    def _sources(self, keys: list[int]) -> Iterator[Row]:
        names, visit = self._gathering.names, self._gathering.visit
        found = TranslationSource.objects.filter(pk__in=keys).select_related("locale", "specific_content_type")
        for source in found.order_by("pk").iterator(chunk_size=200):
            model = source.specific_content_type.model_class()
            if model is None:
                continue
            self._gathering.written[TranslationSource].add(source.pk)
            yield {
                "id": source.pk,
                "translation_key": str(source.object_id),
                "type": model._meta.label_lower,
                "locale": source.locale.language_code,
                "object_repr": source.object_repr,
                "schema_version": source.schema_version,
                "created_at": source.created_at.isoformat(),
                "last_updated_at": source.last_updated_at.isoformat(),
                "content": portable_content(model, json.loads(source.content_json), names, visit),
            }

    def _strings(self) -> Iterator[Row]:
        columns = columns_of(StringTranslation, OF_A_STRING)
        found = StringTranslation.objects.filter(context__object__in=self._keys)
        related = ("context", "translation_of__locale")
        for translation in found.select_related(*related).order_by("pk").iterator(chunk_size=500):
            row = row_of(translation, columns, self._gathering.names, self._gathering.visit)
            del row["id"]
            yield {
                "translation_key": str(translation.context.object_id),
                "path": translation.context.path,
                "source_locale": translation.translation_of.locale.language_code,
                "source": translation.translation_of.data,
            } | row

    def _overrides(self) -> Iterator[Row]:
        columns = columns_of(SegmentOverride, OF_AN_OVERRIDE)
        found = SegmentOverride.objects.filter(context__object__in=self._keys)
        for override in found.select_related("context").order_by("pk"):
            row = row_of(override, columns, self._gathering.names, self._gathering.visit)
            del row["id"]
            data = json.loads(override.data_json)
            model = model_at(override.context.object_id, override.context.path) if isinstance(data, int) else None
            yield {
                "translation_key": str(override.context.object_id),
                "path": override.context.path,
                "refers_to": model and kind_of(model),
                "data": data if model is None else self._gathering.visit(model, data),
            } | row

    def _contents(self, keys: list[int], source: str, target: str) -> Iterator[Content]:
        locale = self._gathering.names
        target_pk = locale.key(Translation._meta.get_field("target_locale").related_model, target)
        in_pair = TranslationSource.objects.filter(
            pk__in=keys, locale__language_code=source, translations__target_locale=target_pk
        )
        for each in in_pair.order_by("pk").iterator(chunk_size=200):
            segments = StringSegment.objects.filter(source=each).annotate_translation(target_pk, include_errors=True)
            units = [
                Unit(segment.context.path, segment.string.data, segment.translation or "")
                for segment in segments.select_related("context", "string").order_by("order", "pk")
            ]
            yield Content(str(each.object_id), each.object_repr, units)


def model_at(translation_key: Any, path: str) -> Any:
    """Return the model that a place in a translated content refers to; None when it refers to nothing."""
    source = TranslationSource.objects.filter(object=translation_key).select_related("specific_content_type").first()
    if source is None:
        return None
    models = defaultdict(set)
    for content_type_id, _pk, content_path in extract_references(source.as_instance()):
        models[content_path].add(content_type_id)
    found = {pk for content_path, pks in models.items() if content_path.startswith(path) for pk in pks}
    content_types = TranslationSource._meta.get_field("specific_content_type").related_model.objects
    return content_types.get_for_id(found.pop()).model_class() if len(found) == 1 else None
