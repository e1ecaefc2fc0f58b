"""The field paths of wagtail-localize: a content path with the types of blocks instead of their ids."""

from __future__ import annotations

from typing import Any

from wagtail import blocks
from wagtail.blocks.list_block import ListValue
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock

Child = tuple[str, Any, Any]


class FieldPaths:
    """Finds the field paths of one content. Each value is read once, so that the time is linear in their number."""

    def __init__(self, instance: Any) -> None:
        self._instance = instance
        # By the identity of a value: the instance keeps its values, so that none is freed while this object is in use.
        self._children: dict[int, dict[str, Child]] = {}

    def of(self, path: str) -> str:
        """Return the field path of a content path, as `TranslationContext.get_field_path` does.

        Raises KeyError, or DoesNotExist of a child object, for a path that the content does not have.
        """
        return ".".join(self._names(self._instance, path.split(".")))

    def _names(self, instance: Any, parts: list[str]) -> list[str]:
        name = parts[0]
        field = instance._meta.get_field(name)
        if isinstance(field, StreamField):
            return [name, *self._block_names(field.value_from_object(instance), parts[1:])]
        if field.one_to_many:
            child = getattr(instance, name).get(translation_key=parts[1])
            return [name, *self._names(child, parts[2:])]
        return [name]

    def _block_names(self, value: Any, parts: list[str]) -> list[str]:
        if id(value) not in self._children:
            self._children[id(value)] = _blocks_of(value)
        name, block, child = self._children[id(value)][parts[0]]
        if isinstance(block, ImageBlock):
            return [name, *parts[1:]]
        if isinstance(block, blocks.StructBlock | blocks.StreamBlock | blocks.ListBlock):
            return [name, *self._block_names(child, parts[1:])]
        return [name]


def _blocks_of(value: Any) -> dict[str, Child]:
    """Return the name in field paths, the block and the value of each part, by the key that paths have for it."""
    if isinstance(value, blocks.StructValue):
        return {name: (name, value.block.child_blocks[name], child) for name, child in value.items()}
    if isinstance(value, ListValue):
        return {child.id: ("item", value.list_block.child_block, child.value) for child in value.bound_blocks}
    return {child.id: (child.block_type, child.block, child.value) for child in value}
