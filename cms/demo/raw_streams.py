"""Converts values of a content file to raw StreamField data with stable block ids."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.db.models import Model
from wagtail import blocks

from .content_files import stable_uuid

Resolve = Callable[[str], Model]


def raw_stream_data(block: blocks.StreamBlock, items: list[Any], path: str, resolve: Resolve) -> list[dict[str, Any]]:
    """Return the raw data of a stream.

    In a stream with one block type the items are the values; otherwise each item is `{"type", "value"}`. Block ids are
    derived from the path of the stream, because translations refer to them. Raise KeyError for an undefined block type
    or field.
    """
    only_type = next(iter(block.child_blocks)) if len(block.child_blocks) == 1 else None
    raw = []
    for number, item in enumerate(items):
        block_type, value = (only_type, item) if only_type else (item["type"], item["value"])
        child_path = f"{path}/{number}"
        raw.append(
            {
                "type": block_type,
                "id": str(stable_uuid(child_path)),
                "value": _raw_value(block.child_blocks[block_type], value, child_path, resolve),
            }
        )
    return raw


def _raw_value(block: blocks.Block, value: Any, path: str, resolve: Resolve) -> Any:
    if isinstance(block, blocks.StructBlock):
        return {
            name: _raw_value(block.child_blocks[name], child_value, f"{path}/{name}", resolve)
            for name, child_value in value.items()
        }
    if isinstance(block, blocks.ListBlock):
        return [
            {
                "type": "item",
                "id": str(stable_uuid(path, number)),
                "value": _raw_value(block.child_block, item, f"{path}/{number}", resolve),
            }
            for number, item in enumerate(value)
        ]
    if isinstance(block, blocks.ChooserBlock):
        return resolve(value).pk
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return value
