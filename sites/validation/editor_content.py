"""Rich text that a browser sends: the content state of Draft.js, validated before Wagtail converts it to HTML.

Wagtail's converter trusts the editor. A depth of a million makes a million elements, and its time grows with the square
of the line breaks of a block and of its different styles.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict
from draftjs_exporter.html import HTML
from wagtail.admin.rich_text import DraftailRichTextArea

from .malformed_requests import MalformedValue, is_upstream_error

# The editor nests lists 4 levels deep; texts of an import may be deeper.
MAX_DEPTH = 20
# Of one block, which is a paragraph, a heading or an item of a list. wagtail-localize divides it into texts in a time
# that grows with the square of its tags, and calls itself for each of the line breaks at its end.
MAX_LINE_BREAKS = 200
MAX_STYLES = 30
MAX_RANGES = 500
# The style with which the editor marks a comment while somebody writes.
COMMENT = re.compile(r"COMMENT-[0-9]{1,20}")
# Links and images of one text.
MAX_ENTITIES = 2000
# Each use of a link becomes an element with its whole address. Beyond this number, the addresses of all uses together
# have at most as many characters as the text that the browser sends.
FREE_REPETITIONS = 10_000


class RichTextArea(DraftailRichTextArea):
    """Wagtail's editor, which refuses what no editor sends."""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> str | None:
        """Return the HTML of the rich text; None if it is not sent. Raises MalformedValue, which names the field."""
        text: str | None = data.get(name)
        if text is None:
            return None
        if not is_editor_content(text, self.converter.exporter):
            raise MalformedValue(name, text)
        try:
            html: str | None = super().value_from_datadict(data, files, name)
        except Exception as error:
            if is_upstream_error(error):
                raise MalformedValue(name, text) from error
            raise
        return html


def is_editor_content(text: str, exporter: HTML) -> bool:
    """Return True if a text is the JSON of a content state within the limits of this module.

    Its blocks, styles and entities are of the types that the exporter of the editor knows: it would leave out others,
    and write a line with their name to the log for each use.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if content is None:
        return True  # The editor sends it for an empty text.
    if not isinstance(content, dict):
        return False
    blocks, entities = content.get("blocks", []), content.get("entityMap", {})
    if not isinstance(blocks, list) or not isinstance(entities, dict):
        return False
    if len(entities) > MAX_ENTITIES:
        return False
    return (
        all(_is_entity(entity, exporter) for entity in entities.values())
        and all(_is_block(block, entities, exporter) for block in blocks)
        and _length_of_uses(blocks, entities) <= len(text) + FREE_REPETITIONS
    )


def _is_entity(entity: Any, exporter: HTML) -> bool:
    if not isinstance(entity, dict) or not _is_known(entity.get("type"), exporter.entity_options):
        return False
    data = entity.get("data", {})
    return isinstance(data, dict) and not any(isinstance(value, dict | list) for value in data.values())


def _length_of_uses(blocks: list[dict[str, Any]], entities: dict[str, Any]) -> int:
    """Return the number of characters of the values of entities, each counted as often as a range uses it."""
    uses = Counter(str(each.get("key")) for block in blocks for each in block.get("entityRanges", ()))
    return sum(
        number * sum(len(str(value)) for value in entities[key].get("data", {}).values())
        for key, number in uses.items()
    )


def _is_known(name: Any, options: Mapping[str, Any]) -> bool:
    return isinstance(name, str) and name in options and name.lower() != "fallback"


def _is_style(name: Any, exporter: HTML) -> bool:
    return _is_known(name, exporter.style_options) or (isinstance(name, str) and bool(COMMENT.fullmatch(name)))


def _is_block(block: Any, entities: dict[str, Any], exporter: HTML) -> bool:
    if not isinstance(block, dict):
        return False
    text, depth = block.get("text", ""), block.get("depth", 0)
    styles, links = block.get("inlineStyleRanges", []), block.get("entityRanges", [])
    return (
        isinstance(text, str)
        and text.count("\n") <= MAX_LINE_BREAKS
        and _is_known(block.get("type", "unstyled"), exporter.block_options)
        and isinstance(block.get("key", ""), str)
        and _is_number(depth)
        and 0 <= depth <= MAX_DEPTH
        and _are_ranges(styles)
        and all(_is_style(each.get("style"), exporter) for each in styles)
        and len({each["style"] for each in styles}) <= MAX_STYLES
        and _are_ranges(links)
        and all(str(each.get("key")) in entities for each in links)
    )


def _are_ranges(ranges: Any) -> bool:
    return (
        isinstance(ranges, list)
        and len(ranges) <= MAX_RANGES
        and all(isinstance(each, dict) for each in ranges)
        and all(_is_number(each.get("offset")) and _is_number(each.get("length")) for each in ranges)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
