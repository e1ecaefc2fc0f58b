"""The data that a browser sends for a bound form, with every block of its streams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import QueryDict
from wagtail import blocks
from wagtail.admin.rich_text import DraftailRichTextArea
from wagtail.rich_text import RichText
from wagtail.test.utils.form_data import rich_text

# Kinds of positions. People fill in values, and choose references; scripts of the editor write the others.
VALUE, REFERENCE, RICH_TEXT, STRUCTURE, BLOCK_ID = "value", "reference", "rich text", "structure", "block id"


@dataclass(frozen=True)
class Position:
    """A name that a browser sends, with its kind and value, and the field or block that reads it."""

    name: str
    kind: str
    value: Any
    reader: Any = None

    def is_accepted(self, value: str) -> bool:
        """Return True if the field or block has no error with the value."""
        widget = self.reader if isinstance(self.reader, blocks.Block) else self.reader.widget
        try:
            self.reader.clean(widget.value_from_datadict(QueryDict(urlencode({self.name: value})), {}, self.name))
        except ValidationError:
            return False
        return True


def positions_of(form: BaseForm) -> Iterator[Position]:
    """Yield each position that a browser sends for the form."""
    for name, field in form.fields.items():
        html_name, value = form.add_prefix(name), form[name].value()
        if hasattr(field, "block"):
            yield from _positions_of_block(field.block, html_name, field.block.normalize(value))
        elif isinstance(field.widget, DraftailRichTextArea):
            yield Position(html_name, RICH_TEXT, rich_text(value or "", features=field.widget.features), field)
        else:
            yield from _positions_of_field(field, html_name, value)
    for formset in getattr(form, "formsets", {}).values():
        for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS"):
            yield Position(f"{formset.prefix}-{name}", STRUCTURE, formset.management_form[name].value())
        for each in formset.forms:
            yield from positions_of(each)


def _positions_of_block(block: blocks.Block, prefix: str, value: Any) -> Iterator[Position]:
    match block:
        case blocks.StreamBlock():
            yield Position(f"{prefix}-count", STRUCTURE, len(value))
            for index, child in enumerate(value):
                yield from _structure(f"{prefix}-{index}", index, child.id)
                yield Position(f"{prefix}-{index}-type", STRUCTURE, child.block_type)
                yield from _positions_of_block(child.block, f"{prefix}-{index}-value", child.value)
        case blocks.ListBlock():
            yield Position(f"{prefix}-count", STRUCTURE, len(value))
            for index, child in enumerate(value.bound_blocks):
                yield from _structure(f"{prefix}-{index}", index, child.id)
                yield from _positions_of_block(child.block, f"{prefix}-{index}-value", child.value)
        case blocks.StructBlock():
            for name, child in block.child_blocks.items():
                yield from _positions_of_block(child, f"{prefix}-{name}", value[name])
        case blocks.RichTextBlock():
            html = value.source if isinstance(value, RichText) else value
            yield Position(prefix, RICH_TEXT, rich_text(html or "", features=block.features), block)
        case _:
            yield from _positions_of_field(block.field, prefix, block.value_for_form(value), block)


def _structure(prefix: str, index: int, key: Any) -> Iterator[Position]:
    yield Position(f"{prefix}-deleted", STRUCTURE, "")
    yield Position(f"{prefix}-order", STRUCTURE, index)
    yield Position(f"{prefix}-id", BLOCK_ID, key or "")


def _positions_of_field(field: Any, name: str, value: Any, block: blocks.Block | None = None) -> Iterator[Position]:
    is_choice = hasattr(field, "choices")
    value = field.prepare_value(value)
    if hasattr(field.widget, "format_value") and not is_choice:
        value = field.widget.format_value(value)
    if value is False or value is None:
        value = ""
    yield Position(name, REFERENCE if is_choice else VALUE, value, block or field)
