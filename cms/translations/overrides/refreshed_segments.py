"""Refreshing the segments of a translation source: with few queries, and without losing translations of changed texts.

Replaces: `TranslationSource.refresh_segments`. The replacement stores the same rows in batches, and then keeps the
    translations. It uses `String._get_data_hash` and `TranslationContext._get_path_id`, the keys of these rows, which
    `save` computes and `bulk_create` does not.
Why no hook serves: the form that sends a page for translation, the screen that synchronises it and the product's own
    update all refresh the segments, and wagtail-localize sends no signal that knows the former ones. It makes nine
    queries for each new text, and four for each unchanged one.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_refreshed_segments.py.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Model
from wagtail_localize.models import (
    OverridableSegment,
    RelatedObjectSegment,
    String,
    StringSegment,
    Template,
    TemplateSegment,
    TranslatableObject,
    TranslationContext,
    TranslationSource,
)
from wagtail_localize.segments import (
    OverridableSegmentValue,
    RelatedObjectSegmentValue,
    StringSegmentValue,
    TemplateSegmentValue,
)
from wagtail_localize.segments.extract import extract_segments

from cms.translations.progress.field_paths import FieldPaths
from cms.translations.progress.kept_translations import keep_translations, source_texts
from cms.translations.progress.update_failures import refuse_longer_content, refuse_more_texts

BATCH = 500
# The fields that identify a segment of a source, with its context and order.
VALUE_FIELDS: dict[type[Any], tuple[str, ...]] = {
    StringSegment: ("string_id", "attrs"),
    TemplateSegment: ("template_id",),
    RelatedObjectSegment: ("object_id",),
    OverridableSegment: ("data_json",),
}


def store_segments_in_batches() -> None:
    """Replace wagtail-localize's method. Called once, when the applications are ready."""
    TranslationSource.refresh_segments = refresh_segments


@transaction.atomic
def refresh_segments(source: TranslationSource) -> None:
    """Extract the segments of a source; each changed text keeps its former translation, marked as outdated.

    About a query for each `BATCH` texts. Raises SourceDeletedError if the content does not exist any more, and
    ValidationError if it has more than MAX_TEXTS texts or MAX_CHARACTERS characters.
    """
    refuse_longer_content(len(source.content_json), source.object_repr)
    former = source_texts(source)
    instance = source.as_instance()
    values: list[Any] = extract_segments(instance)
    strings = [value for value in values if isinstance(value, StringSegmentValue)]
    refuse_more_texts(len(strings), source.object_repr)
    contexts = _contexts(source, instance, values)
    string_ids = _ids(
        String,
        "data_hash",
        {
            String._get_data_hash(value.string.data): {"locale_id": source.locale_id, "data": value.string.data}
            for value in strings
        },
        locale=source.locale_id,
    )
    templates = [value for value in values if isinstance(value, TemplateSegmentValue)]
    template_ids = _ids(Template, "uuid", {_template_uuid(value): _template_fields(value) for value in templates})
    related = [value for value in values if isinstance(value, RelatedObjectSegmentValue)]
    _ids(
        TranslatableObject,
        "translation_key",
        {value.translation_key: {"content_type": value.content_type} for value in related},
    )
    overridable = [value for value in values if isinstance(value, OverridableSegmentValue)]
    wanted: dict[type[Any], Iterator[tuple[Any, ...]]] = {
        StringSegment: (
            (
                *_context_and_order(value, contexts),
                string_ids[String._get_data_hash(value.string.data)],
                _json(value.attrs),
            )
            for value in strings
        ),
        TemplateSegment: (
            (*_context_and_order(value, contexts), template_ids[_template_uuid(value)]) for value in templates
        ),
        RelatedObjectSegment: ((*_context_and_order(value, contexts), value.translation_key) for value in related),
        OverridableSegment: ((*_context_and_order(value, contexts), _json(value.data)) for value in overridable),
    }
    for model, keys in wanted.items():
        _store(model, source, keys)
    if former and not getattr(source, "has_public_texts_again", False):
        keep_translations(source, former)


def _contexts(source: TranslationSource, instance: Any, values: Sequence[Any]) -> dict[str, int]:
    """Return the keys of the contexts of the values by path; store those that do not exist, with their field paths."""
    hashes = {value.path: TranslationContext._get_path_id(value.path) for value in values}
    rows = TranslationContext.objects.filter(object_id=source.object_id)
    known = {path_id for path_id, field_path in rows.values_list("path_id", "field_path") if field_path}
    paths = FieldPaths(instance)
    missing = {
        path_id: {"object_id": source.object_id, "path": path, "field_path": paths.of(path)}
        for path, path_id in hashes.items()
        if path_id not in known
    }
    _ids(TranslationContext, "path_id", missing, object=source.object_id)
    # Those of the first versions of wagtail-localize have no field path.
    incomplete = list(rows.filter(field_path=""))
    for row in incomplete:
        row.field_path = missing.get(row.path_id, {}).get("field_path", "")
    TranslationContext.objects.bulk_update(incomplete, ["field_path"], batch_size=BATCH)
    ids = dict(rows.values_list("path_id", "pk"))
    return {path: ids[path_id] for path, path_id in hashes.items()}


def _ids(model: type[Any], key: str, fields: dict[uuid.UUID, dict[str, Any]], **scope: Any) -> dict[uuid.UUID, Any]:
    """Return the primary keys of rows by a unique field, and store those that do not exist.

    If another process stores one at the same moment, that row is used.
    """
    found: dict[uuid.UUID, Any] = _stored_ids(model, key, fields, scope)
    missing = [model(**{key: value}, **fields[value]) for value in fields if value not in found]
    if missing:
        model.objects.bulk_create(missing, batch_size=BATCH, ignore_conflicts=True)
        found |= _stored_ids(model, key, [getattr(row, key) for row in missing], scope)
    return found


def _stored_ids(model: type[Any], key: str, values: Iterable[uuid.UUID], scope: dict[str, Any]) -> dict[uuid.UUID, Any]:
    found: dict[uuid.UUID, Any] = {}
    for chunk in _chunks(list(values)):
        found |= dict(model.objects.filter(**{f"{key}__in": chunk}, **scope).values_list(key, "pk"))
    return found


def _store(model: type[Any], source: TranslationSource, keys: Iterable[tuple[Any, ...]]) -> None:
    """Store the segments of one kind that do not exist, and delete all others of the source."""
    names = ("context_id", "order", *VALUE_FIELDS[model])
    rows = model.objects.filter(source=source).order_by("-pk").values_list(*names, "pk")
    unused: dict[tuple[Any, ...], int] = {}
    surplus: list[int] = []
    for *key, pk in rows:
        if (former := unused.pop(tuple(key), None)) is not None:
            surplus.append(former)
        unused[tuple(key)] = pk
    missing: list[Model] = []
    for wanted in dict.fromkeys(keys):
        if unused.pop(wanted, None) is None:
            missing.append(model(source=source, **dict(zip(names, wanted, strict=True))))
    for chunk in _chunks([*surplus, *unused.values()]):
        model.objects.filter(pk__in=chunk).delete()
    model.objects.bulk_create(missing, batch_size=BATCH)


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    return (values[start : start + BATCH] for start in range(0, len(values), BATCH))


def _context_and_order(value: Any, contexts: dict[str, int]) -> tuple[int, int]:
    return contexts[value.path], value.order


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)


def _template_uuid(value: Any) -> uuid.UUID:
    return uuid.uuid5(uuid.uuid5(Template.BASE_UUID_NAMESPACE, value.format), value.template)


def _template_fields(value: Any) -> dict[str, Any]:
    return {"template": value.template, "template_format": value.format, "string_count": value.string_count}
