"""Inline codes in XML: segments as mixed content of elements, for XLIFF and TMX."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _
from lxml import etree

from .incoming_files import MAX_TEXT_LENGTH
from .inline_codes import MAX_CODES, MAX_ID_LENGTH, Code, CodeIds, Markup, escape_text, parse_html, shortened, too_long
from .units import UnitFaultError


class Inline(NamedTuple):
    """The HTML before and after the content of an inline element, and whether its content belongs to the text."""

    before: str = ""
    after: str = ""
    has_text: bool = False


TRANSPARENT = Inline(has_text=True)
MakeElement = Callable[[etree._Element, Code, str], etree._Element]


def fill(parent: etree._Element, markup: Markup, ids: dict[int, str], make: MakeElement) -> None:
    """Write the tokens of a segment into an element. `make(parent, code, id)` appends the element of a code."""
    stack = [parent]
    for token in markup.tokens:
        if isinstance(token, str):
            append_text(stack[-1], token)
        elif token.kind == Code.CLOSE:
            stack.pop()
        else:
            element = make(stack[-1], token, ids[token.number])
            if token.kind == Code.OPEN:
                stack.append(element)


def fill_pair(source: etree._Element, target: etree._Element | None, texts: tuple[str, str], make: MakeElement) -> None:
    """Write a source text and, if there is an element for it, a target text, with the same ids for the same codes."""
    original = parse_html(texts[0])
    ids = CodeIds(original)
    fill(source, original, ids.of_source(), make)
    if target is not None:
        translation = parse_html(texts[1])
        fill(target, translation, ids.of_target(translation), make)


def append_text(parent: etree._Element, text: str) -> None:
    """Append a text to the content of an element, whose last child did not get a text yet."""
    if len(parent):
        parent[-1].tail = text
    else:
        parent.text = text


def read_html(element: etree._Element, inline_of: Callable[[etree._Element], Inline]) -> str:
    """Return the content of an element as HTML.

    `inline_of` returns the HTML of an inline element, and raises UnitFaultError for one that it does not know. The
    parser limits the depth of a document. Raises UnitFaultError for too many elements, or characters with what the
    elements stand for.
    """
    if sum(1 for _element in element.iter()) > 2 * MAX_CODES:
        raise UnitFaultError(_("The text has more than %(number)s tags.") % {"number": MAX_CODES})
    parts, length = [], 0
    for part in _html_parts(element, inline_of):
        parts.append(part)
        length += len(part)
        if length > MAX_TEXT_LENGTH:
            raise too_long()
    return "".join(parts)


def _html_parts(element: etree._Element, inline_of: Callable[[etree._Element], Inline]) -> Iterator[str]:
    yield escape_text(element.text or "")
    for child in element:
        inline = inline_of(child)
        yield inline.before
        if inline.has_text:
            yield from _html_parts(child, inline_of)
        yield inline.after
        yield escape_text(child.tail or "")


def pair_of_code(html: str) -> Inline:
    """Return the inline of a start tag or an empty tag, given as HTML.

    Raises UnitFaultError if the HTML is something else.
    """
    # No code of the site is as long; the cache would keep it.
    if len(html) > 2 * MAX_ID_LENGTH:
        raise _unknown_code(html)
    return _pair_of_code(html)


@lru_cache(maxsize=1_000)
def _pair_of_code(html: str) -> Inline:
    for closing in ("", "</{}>"):
        tag = html.lstrip("<").partition(" ")[0].rstrip("/>")
        markup = parse_html(html + closing.format(tag))
        starts = markup.starts
        if not markup.faults and len(starts) == 1 and all(isinstance(token, Code) for token in markup.tokens):
            if closing:
                return Inline(starts[0].html, f"</{starts[0].tag}>", has_text=True)
            return Inline(starts[0].html)
    raise _unknown_code(html)


def _unknown_code(html: str) -> UnitFaultError:
    return UnitFaultError(_("The inline code %(code)s is not one of this site.") % {"code": shortened(html)})


def local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)
