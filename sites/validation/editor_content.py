"""Rich text that a browser sends: the content state of Draft.js, validated before Wagtail converts it to HTML.

Wagtail's converter trusts the editor. A depth of a million makes a million elements, and its time grows with the square
of the blocks, of the line breaks of a block and of its different styles. A value that no editor sends is a malformed
request. People can write a text beyond the limits: its field gets an error, and the form shows the text as typed,
without a conversion.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from draftjs_exporter.html import HTML
from wagtail.admin.rich_text import DraftailRichTextArea

from .incoming_text import UnacceptableText
from .malformed_requests import MalformedValue, is_upstream_error

# The editor nests lists 4 levels deep; texts of an import may be deeper.
MAX_DEPTH = 20
# The number of blocks of one text, with whose square the time of its conversion grows, and of all texts of a request.
# An item that opens a nested list counts for each level: the stored text has an item for each.
MAX_BLOCKS = 2_000
MAX_BLOCKS_OF_REQUEST = 20_000
# Limits of one block, which is a paragraph, a heading or an item of a list. wagtail-localize divides it into texts in a
# time that grows with the square of its tags, and calls itself for each of the line breaks at its end.
MAX_LINE_BREAKS = 200
MAX_STYLES = 30
MAX_RANGES = 500
# The style with which the editor marks a comment while somebody writes.
COMMENT = re.compile(r"COMMENT-[0-9]{1,20}")
# Links and images of one text.
MAX_ENTITIES = 2000
# Each use of a link becomes an element with its whole URL. Beyond this number, the URLs of all uses together
# have at most as many characters as the text that the browser sends.
FREE_REPETITIONS = 10_000
# The length of the beginning of a paragraph that an error repeats.
CHARACTERS_SHOWN = 40

# The blocks of a text, and its entities (links and images) by the keys that ranges of the blocks name.
Content = tuple[list[dict[str, Any]], dict[str, Any]]


_counter: ContextVar[Counter[str] | None] = ContextVar("blocks_of_request", default=None)


class RichTextArea(DraftailRichTextArea):
    """Wagtail's editor, which refuses what no editor sends."""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict, name: str) -> str | None:
        """Return the HTML of the rich text, an UnacceptableText beyond the limits, or None if it is not sent.

        Raises MalformedValue, which names the field.
        """
        text: str | None = data.get(name)
        if text is None:
            return None
        content = read_content(text, self.converter.exporter)
        if content is None:
            raise MalformedValue(name, text)
        if reason := excess_of(content, len(text)) or excess_of_request(number_of_elements(content[0])):
            return UnacceptableText(text, reason)
        try:
            html: str | None = self.converter.to_database_format(without_comments(text, content))
        except Exception as error:
            if is_upstream_error(error):
                raise MalformedValue(name, text) from error
            raise
        return html

    def format_value(self, value: Any) -> str:
        """Return the content state of a stored text; an UnacceptableText is one already."""
        return str(value) if isinstance(value, UnacceptableText) else str(super().format_value(value))


def read_content(text: str, exporter: HTML) -> Content | None:
    """Return the content of a text that an editor sends, or None if it is not the JSON of a content state.

    Its blocks, styles and entities are of the types that the exporter of the editor knows: it would leave out others,
    and write a line with their name to the log for each use.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if content is None:
        return [], {}  # The editor sends it for an empty text.
    if not isinstance(content, dict):
        return None
    blocks, entities = content.get("blocks", []), content.get("entityMap", {})
    if not isinstance(blocks, list) or not isinstance(entities, dict):
        return None
    is_known = all(_is_entity(entity, exporter) for entity in entities.values()) and all(
        _is_block(block, entities, exporter) for block in blocks
    )
    return (blocks, entities) if is_known else None


def excess_of(content: Content, length: int) -> str:
    """Return the limit that a content exceeds as a sentence, and the place; "" if it exceeds none.

    `length` is the number of characters of its JSON.
    """
    blocks, entities = content
    if number_of_elements(blocks) > MAX_BLOCKS:
        message = _("The text has more than %(number)s paragraphs: divide it into several texts.")
        return message % {"number": MAX_BLOCKS}
    for block in blocks:
        if found := _excess_of_block(block):
            message, number = found
            return message % {"start": _beginning(block.get("text", "")), "number": number}
    if len(entities) > MAX_ENTITIES:
        message = _("The text has more than %(number)s links and images: divide it into several texts.")
        return message % {"number": MAX_ENTITIES}
    if _length_of_uses(blocks, entities) > length + FREE_REPETITIONS:
        return _(
            "The text repeats links with long addresses too often: link fewer of its words, or use shorter addresses."
        )
    return ""


@contextmanager
def counting_blocks() -> Iterator[None]:
    """Count the blocks of all texts that are read within the block: those of one request."""
    token = _counter.set(Counter())
    try:
        yield
    finally:
        _counter.reset(token)


def number_of_elements(blocks: list[dict[str, Any]]) -> int:
    """Return the number of blocks and of the lists that open between them: an item of depth 20 may open 20."""
    opened, former = 0, 0
    for block in blocks:
        depth = block.get("depth", 0)
        opened += max(0, depth - former)
        former = depth if "list-item" in block.get("type", "") else 0
    return len(blocks) + opened


def excess_of_request(blocks: int) -> str:
    """Count the blocks of a text of the current request. Return a sentence beyond their limit; "" below it."""
    counter = _counter.get()
    if counter is None:
        return ""
    counter["blocks"] += blocks
    if counter["blocks"] <= MAX_BLOCKS_OF_REQUEST:
        return ""
    message = _("The texts of this form have more than %(number)s paragraphs together: divide them into several pages.")
    return message % {"number": MAX_BLOCKS_OF_REQUEST}


def without_comments(text: str, content: Content) -> str:
    """Return the JSON of a content without the marks of comments, which are not stored.

    Wagtail's exporter would write a line to the log at each place where a mark holds.
    """
    blocks, entities = content
    if '"COMMENT-' not in text and "\\u" not in text:
        return text
    cleaned = [
        block | {"inlineStyleRanges": [each for each in styles if not COMMENT.fullmatch(each["style"])]}
        if (styles := block.get("inlineStyleRanges"))
        else block
        for block in blocks
    ]
    return json.dumps({"blocks": cleaned, "entityMap": entities})


def _excess_of_block(block: dict[str, Any]) -> tuple[str, int] | None:
    """Return the message for the limit that a block exceeds, with the limit."""
    styles = block.get("inlineStyleRanges", ())
    if block.get("text", "").count("\n") > MAX_LINE_BREAKS:
        message = _(
            "The paragraph “%(start)s” has more than %(number)s line breaks: divide it into several paragraphs."
        )
        return message, MAX_LINE_BREAKS
    if len(styles) > MAX_RANGES:
        message = _(
            "The paragraph “%(start)s” has more than %(number)s passages in bold, italic or another format: divide it "
            "into several paragraphs."
        )
        return message, MAX_RANGES
    if len({each["style"] for each in styles}) > MAX_STYLES:
        message = _(
            "The paragraph “%(start)s” has more than %(number)s different formats and open comments: divide it into "
            "several paragraphs."
        )
        return message, MAX_STYLES
    if len(block.get("entityRanges", ())) > MAX_RANGES:
        message = _("The paragraph “%(start)s” has more than %(number)s links: divide it into several paragraphs.")
        return message, MAX_RANGES
    return None


def _beginning(text: str) -> str:
    shown = " ".join(text[: 2 * CHARACTERS_SHOWN].split())[:CHARACTERS_SHOWN]
    return f"{shown}…" if len(text) > len(shown) else shown


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
        and _is_known(block.get("type", "unstyled"), exporter.block_options)
        and isinstance(block.get("key", ""), str)
        and _is_number(depth)
        and 0 <= depth <= MAX_DEPTH
        and _are_ranges(styles)
        and all(_is_style(each.get("style"), exporter) for each in styles)
        and _are_ranges(links)
        and all(str(each.get("key")) in entities for each in links)
    )


def _are_ranges(ranges: Any) -> bool:
    return (
        isinstance(ranges, list)
        and all(isinstance(each, dict) for each in ranges)
        and all(_is_number(each.get("offset")) and _is_number(each.get("length")) for each in ranges)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
