"""Serializers of StreamField values, by type of block, for all page models."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from cms.blocks.contact import ContactBlock
from cms.blocks.events.agenda import SpeakerBlock
from cms.blocks.image import CaptionedImageBlock
from cms.pages.models import Organisation, Person
from sites.validation.links import safe_url

from ..context import SerializerContext
from .files import file_data
from .images import image_data
from .people import organisation_data, person_data
from .rich_text import rich_text_html

# Blocks whose missing value is "" in a document; the missing value of any other block is null.
TEXT_BLOCKS = (
    blocks.CharBlock,
    blocks.TextBlock,
    blocks.URLBlock,
    blocks.EmailBlock,
    blocks.RegexBlock,
    blocks.ChoiceBlock,
)
SNIPPET_SERIALIZERS = {Organisation: organisation_data, Person: person_data}


def stream_blocks(stream: blocks.StreamValue, context: SerializerContext) -> list[dict[str, Any]]:
    """Return `[Block]` (docs/document.md), without blocks whose value is empty or not public."""
    values = ((child.block_type, block_value(child.block, child.value, context)) for child in stream)
    return [{"type": block_type, "value": value} for block_type, value in values if value not in (None, "", [])]


def stream_values(stream: blocks.StreamValue, context: SerializerContext) -> list[Any]:
    """Return the values of a stream with one kind of block, without values that are not public."""
    values = (block_value(child.block, child.value, context) for child in stream)
    return [value for value in values if value is not None]


def block_value(block: blocks.Block, value: Any, context: SerializerContext) -> Any:
    """Return the value of a block as JSON. Raise TypeError for a type of value that no case covers."""
    match block:
        case CaptionedImageBlock():
            image = image_data(value["image"], context, alt=value["alt"])
            return None if image is None else {"image": image, "caption": value["caption"]}
        case SpeakerBlock() | ContactBlock():
            return _with_person(_members(block, value, context), value["person"])
        case blocks.StructBlock():
            return _members(block, value, context)
        case blocks.ListBlock():
            members = (block_value(block.child_block, member, context) for member in value or [])
            return [member for member in members if member is not None]
        case blocks.RichTextBlock():
            return rich_text_html(value.source if value else "", context)
        case ImageChooserBlock():
            return image_data(value, context)
        case DocumentChooserBlock():
            return file_data(value, context)
        case blocks.PageChooserBlock():
            return context.card(value.pk) if value else None
        case SnippetChooserBlock():
            return SNIPPET_SERIALIZERS[block.target_model](value, context)
        case blocks.URLBlock():
            return safe_url(value or "")
        case blocks.BooleanBlock():
            return bool(value)
        case blocks.FieldBlock() if value is None and isinstance(block, TEXT_BLOCKS):
            return ""
        case _:
            return _json_value(value)


def _members(block: blocks.StructBlock, value: Any, context: SerializerContext) -> dict[str, Any]:
    return {name: block_value(child, value.get(name), context) for name, child in block.child_blocks.items()}


def _with_person(data: dict[str, Any], person: Person | None) -> dict[str, Any]:
    """Return the block's data; name, role, organisation and e-mail default to those of the chosen person."""
    person_values = data.pop("person")
    if person is None:
        return data
    defaults = {
        "name": person_values["name"],
        "role": person_values["role"],
        "organisation": person_values["organisation"],
        "email": person.email,
    }
    return {name: value or defaults.get(name, value) for name, value in data.items()}


def _json_value(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime.time():
            return value.isoformat("minutes")
        case datetime.date():
            return value.isoformat()
        case Decimal():
            return float(value)
    raise TypeError(f"no JSON form for a block value of type {type(value).__name__}")
