"""Replaces the references in stored content: choosers in StreamFields, links and embeds in rich text.

Wagtail's reference index finds references but cannot replace them. A `ReferenceMapper` is called with the model and the
primary key of each reference, and returns the new primary key, or None to remove the reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.db.models import Field, Model
from wagtail import blocks
from wagtail.documents import get_document_model
from wagtail.fields import RichTextField, StreamField
from wagtail.images import get_image_model
from wagtail.models import Page

from .archive_file import from_json

ReferenceMapper = Callable[[type[Model], int], int | None]

_TAG = re.compile(r"<(?:a|embed)\b[^>]*>", re.IGNORECASE)
_KIND = re.compile(r"\b(?:linktype|embedtype)=(?:\"([^\"]*)\"|'([^']*)')")
_ID = re.compile(r"\s\bid=(?:\"(\d+)\"|'(\d+)')")


def reference_kind(model: type[Model]) -> str:
    """Return the name of the id space of a model in an archive: `page` for all page types, else the model label."""
    return "page" if issubclass(model, Page) else model._meta.label_lower


def rewrite_field(field: Field, value: Any, map_reference: ReferenceMapper) -> Any:
    """Return the raw value of a StreamField (a list) or rich text with new references, other values unchanged."""
    if isinstance(field, StreamField):
        return rewrite_block(field.stream_block, value, map_reference) if value else value
    if isinstance(field, RichTextField):
        return rewrite_rich_text(value, map_reference)
    return value


def rewrite_block(block: blocks.Block, value: Any, map_reference: ReferenceMapper) -> Any:
    """Return the raw JSON value of a block with its references replaced."""
    if isinstance(block, blocks.ChooserBlock):
        return map_reference(block.model_class, value) if isinstance(value, int) else None
    if isinstance(block, blocks.RichTextBlock):
        return rewrite_rich_text(value, map_reference)
    if isinstance(block, blocks.StructBlock) and isinstance(value, dict):
        children = block.child_blocks
        return {
            name: rewrite_block(children[name], each, map_reference) if name in children else each
            for name, each in value.items()
        }
    if isinstance(block, blocks.ListBlock) and isinstance(value, list):
        return [_rewrite_list_item(block.child_block, each, map_reference) for each in value]
    if isinstance(block, blocks.StreamBlock) and isinstance(value, list):
        return [_rewrite_stream_child(block, each, map_reference) for each in value]
    return value


def rewrite_rich_text(html: Any, map_reference: ReferenceMapper) -> Any:
    """Return rich text as the database stores it, with the ids of its links and embeds replaced."""

    def replace(match: re.Match[str]) -> str:
        tag = match.group()
        kind, number = _KIND.search(tag), _ID.search(tag)
        model = _rich_text_models().get(kind.group(1) or kind.group(2)) if kind else None
        if model is None or number is None:
            return tag
        pk = map_reference(model, int(number.group(1) or number.group(2)))
        return tag[: number.start()] + ("" if pk is None else f' id="{pk}"') + tag[number.end() :]

    return _TAG.sub(replace, html) if isinstance(html, str) else html


def rewrite_stored_value(field: Field, value: Any, map_reference: ReferenceMapper) -> Any:
    """Return the value of a field in a revision with new references. A StreamField value is a JSON string there."""
    if isinstance(field, StreamField) and isinstance(value, str):
        return json.dumps(rewrite_field(field, from_json(value or "[]"), map_reference))
    return rewrite_field(field, value, map_reference)


def _rewrite_list_item(block: blocks.Block, item: Any, map_reference: ReferenceMapper) -> Any:
    # Old versions of Wagtail saved the items of a list as values without type and id.
    if isinstance(item, dict) and item.get("type") == "item" and "value" in item:
        return item | {"value": rewrite_block(block, item["value"], map_reference)}
    return rewrite_block(block, item, map_reference)


def _rewrite_stream_child(block: blocks.StreamBlock, child: Any, map_reference: ReferenceMapper) -> Any:
    if isinstance(child, dict) and child.get("type") in block.child_blocks:
        return child | {"value": rewrite_block(block.child_blocks[child["type"]], child.get("value"), map_reference)}
    return child


def _rich_text_models() -> dict[str, type[Model]]:
    return {"page": Page, "document": get_document_model(), "image": get_image_model()}
