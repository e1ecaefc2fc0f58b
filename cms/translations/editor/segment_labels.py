"""Labels of the segments of a content, in the words of the page's form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.text import capfirst
from wagtail.blocks import ListBlock
from wagtail.fields import StreamField
from wagtail_localize.models import TranslationSource

SEPARATOR = " – "


class SegmentLabels:
    """The labels of the segments of one source, made from the labels of its fields and blocks."""

    def __init__(self, source: TranslationSource) -> None:
        model = source.specific_content_type.model_class()
        self._model: type[Model] | None = model
        content = json.loads(source.content_json)
        self._block_types = {
            block["id"]: block["type"]
            for field in (model._meta.get_fields() if model is not None else ())
            if isinstance(field, StreamField)
            for block in _blocks(_stream(content.get(field.name)))
        }
        self._found: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Return the label of the segment at a path: that of its field, or of its block and the field in it."""
        name, _dot, rest = path.partition(".")
        parts = rest.split(".") if rest else []
        key = ".".join((name, *(self._block_types.get(part, part) for part in parts)))
        if key not in self._found:
            self._found[key] = SEPARATOR.join(self._names(name, parts))
        return self._found[key]

    def _names(self, name: str, parts: list[str]) -> Iterator[str]:
        try:
            field: Any = self._model._meta.get_field(name) if self._model is not None else None
        except FieldDoesNotExist:
            field = None
        if not isinstance(field, StreamField):
            # A child object, whose key follows the name of the relation, is named by its model.
            named = field.related_model._meta if field is not None and field.one_to_many else field
            yield capfirst(str(getattr(named, "verbose_name", name)))
            return
        block: Any = field.stream_block
        for part in parts:
            if isinstance(block, ListBlock):
                block = block.child_block
                continue
            children = getattr(block, "child_blocks", {})
            child = children.get(self._block_types.get(part, part))
            if child is None:
                return
            block = child
            yield capfirst(str(child.label))


def _stream(value: Any) -> list[Any]:
    """Return the blocks of a stored StreamField, which is JSON in JSON."""
    found = json.loads(value) if isinstance(value, str) and value else value
    return found if isinstance(found, list) else []


def _blocks(value: Any) -> Iterator[dict[str, Any]]:
    """Yield each block with an id and a type, nested ones included."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and isinstance(value.get("type"), str):
            yield value
        for each in value.values():
            yield from _blocks(each)
    elif isinstance(value, list):
        for each in value:
            yield from _blocks(each)
