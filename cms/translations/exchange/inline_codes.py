"""The HTML tags of a segment as inline codes: parsing, canonical HTML, and the comparison of two segments."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _
from wagtail_localize.strings import INLINE_TAGS

from sites.html_text import LONG_REFERENCE, unescaped

from .incoming_files import MAX_TEXT_LENGTH
from .units import UnitFaultError

VOID_TAGS = frozenset(("br",))
MAX_DEPTH = 40
MAX_CODES = 1_000
# The length of the id of a link, which wagtail-localize numbers: "a1". A file may repeat a code for each reference.
MAX_ID_LENGTH = 100
SHOWN = 60

ID = rf"(?:\"(?P<double>[^\"<>]{{0,{MAX_ID_LENGTH}}})\"|'(?P<single>[^'<>]{{0,{MAX_ID_LENGTH}}})')"
TAG = re.compile(
    r"<(?:/(?P<closed>[a-zA-Z]+)[ \t\r\n]*"
    rf"|(?P<tag>[a-zA-Z]+)(?:[ \t\r\n]+id={ID})?[ \t\r\n]*(?P<empty>/?))>"
)
# Begins a tag, comment or declaration for a browser; "<" before a space or a digit is text.
MARKUP = re.compile(r"<[a-zA-Z/!?][^<>]*>?")


@dataclass(frozen=True)
class Code:
    """A start tag, an end tag or an empty tag. A start tag and its end tag have the same number."""

    kind: str
    tag: str
    html_id: str
    number: int

    OPEN = "open"
    CLOSE = "close"
    EMPTY = "empty"

    @property
    def html(self) -> str:
        if self.kind == Code.CLOSE:
            return f"</{self.tag}>"
        attribute = f' id="{escape(self.html_id)}"' if self.html_id else ""
        return f"<{self.tag}{attribute}{'/' if self.kind == Code.EMPTY else ''}>"


@dataclass(frozen=True)
class Markup:
    """A parsed segment: texts without entities, codes that are nested correctly, and the faults of the HTML."""

    tokens: tuple[str | Code, ...]
    faults: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """Return canonical HTML, as wagtail-localize stores it: only &, < and > are escaped."""
        return "".join(escape_text(token) if isinstance(token, str) else token.html for token in self.tokens)

    @property
    def starts(self) -> list[Code]:
        """Return the start tags and empty tags."""
        return [token for token in self.tokens if isinstance(token, Code) and token.kind != Code.CLOSE]


def escape_text(text: str) -> str:
    """Return a text as HTML, escaped as BeautifulSoup does it."""
    return escape(text, quote=False)


def refuse_unreadable(html: str) -> None:
    """Raise UnitFaultError for a translated text that is too long, or has tags that are not allowed or do not end.

    Each text from outside passes here before BeautifulSoup reads it: that takes quadratic time for tags and comments
    that do not end. A link may be there twice, because a language may need it.
    """
    if len(html) > MAX_TEXT_LENGTH:
        raise too_long()
    if faults := parse_html(html, may_repeat_ids=True).faults:
        raise UnitFaultError(faults[0])


def too_long() -> UnitFaultError:
    """Return the error for a text with more than MAX_TEXT_LENGTH characters."""
    return UnitFaultError(_("The text has more than %(number)s characters.") % {"number": MAX_TEXT_LENGTH})


def parse_html(html: str, *, may_repeat_ids: bool = False) -> Markup:
    """Return the tokens of a segment. Tags that are not allowed, or badly nested, become text, and are faults.

    An id that is there twice is a fault unless `may_repeat_ids`. The time is linear.
    """
    if found := LONG_REFERENCE.search(html):
        return Markup((html,), (_("The code %(code)s is no character.") % {"code": shortened(found[0])},))
    tokens: list[str | Code] = []
    faults: list[str] = []
    opened: list[tuple[int, Code]] = []
    ids: set[str] = set()
    position = number = 0
    for count, found in enumerate(TAG.finditer(html)):
        if count == 2 * MAX_CODES:
            faults.append(_("The text has more than %(number)s tags.") % {"number": MAX_CODES})
            break
        _add_text(tokens, html[position : found.start()], faults)
        position = found.end()
        tag, html_id = (found["tag"] or found["closed"]).lower(), unescaped(found["double"] or found["single"] or "")
        fault = _fault(found, tag, html_id, opened, ids)
        if fault:
            faults.append(fault)
            tokens.append(found[0])
        elif found["closed"]:
            _index, start = opened.pop()
            tokens.append(Code(Code.CLOSE, tag, "", start.number))
        else:
            number += 1
            if not may_repeat_ids:
                ids.add(html_id)
            code = Code(Code.EMPTY if tag in VOID_TAGS else Code.OPEN, tag, html_id, number)
            tokens.append(code)
            if code.kind == Code.OPEN and found["empty"]:
                tokens.append(Code(Code.CLOSE, tag, "", number))
            elif code.kind == Code.OPEN:
                opened.append((len(tokens) - 1, code))
    _add_text(tokens, html[position:], faults)
    for index, code in opened:
        faults.append(_("The end of the tag %(tag)s is missing.") % {"tag": code.html})
        tokens[index] = code.html
    return Markup(_joined(tokens), tuple(faults))


def canonical_html(html: str) -> str:
    """Return a segment as readers return it, so that texts from a file and from the database can be compared."""
    return parse_html(html).html


def plain_text(html: str) -> str:
    """Return a segment without its tags and entities."""
    return "".join(token for token in parse_html(html).tokens if isinstance(token, str))


def code_fault(source: str, target: str) -> str:
    """Return why the inline codes of a target do not fit its source; "" if they fit.

    Each tag of the source is there once as often, nested correctly, and no other tag.
    """
    original, translation = parse_html(source), parse_html(target)
    if len(translation.faults) > len(original.faults):
        return translation.faults[0]
    expected = Counter(code.html for code in original.starts)
    found = Counter(code.html for code in translation.starts)
    for tag in expected - found:
        return _("The tag %(tag)s of the original is missing in the translation.") % {"tag": tag}
    for tag in found - expected:
        if tag in expected:
            return _("The tag %(tag)s is there more often than in the original.") % {"tag": tag}
        return _("The original has no tag %(tag)s.") % {"tag": tag}
    for tag in _nested_in_itself(translation) - _nested_in_itself(original):
        return _("The tag <%(tag)s> stands inside another one of its kind.") % {"tag": tag}
    return ""


class CodeIds:
    """The ids of inline codes in one unit of a file: a code of the target has the id of the same code of the source."""

    def __init__(self, source: Markup) -> None:
        self._source = source

    def of_source(self) -> dict[int, str]:
        """Return the id of each code of the source, by the number of the code."""
        return {code.number: str(code.number) for code in self._source.starts}

    def of_target(self, target: Markup) -> dict[int, str]:
        """Return the id of each code of a target. A code that the source does not have gets an id of its own."""
        free: dict[str, list[str]] = {}
        for code in reversed(self._source.starts):
            free.setdefault(code.html, []).append(str(code.number))
        ids, surplus = {}, len(self._source.starts)
        for code in target.starts:
            if free.get(code.html):
                ids[code.number] = free[code.html].pop()
            else:
                surplus += 1
                ids[code.number] = str(surplus)
        return ids


def _fault(found: re.Match[str], tag: str, html_id: str, opened: list[tuple[int, Code]], ids: set[str]) -> str:
    """Return why a tag cannot be a code; "" if it can."""
    shown = {"tag": shortened(found[0])}
    if tag not in INLINE_TAGS or (html_id and tag != "a") or (found["closed"] and tag in VOID_TAGS):
        return _("The tag %(tag)s is not allowed in a text.") % shown
    if found["closed"]:
        if not opened or opened[-1][1].tag != tag:
            return _("The tag %(tag)s does not fit to the tag before it.") % shown
    elif html_id and html_id in ids:
        return _("The tag %(tag)s is there twice.") % shown
    elif len(opened) == MAX_DEPTH:
        return _("The tag %(tag)s is inside too many others.") % shown
    return ""


def _add_text(tokens: list[str | Code], html: str, faults: list[str]) -> None:
    if not html:
        return
    if found := MARKUP.search(html):
        faults.append(_("The tag %(tag)s is not allowed in a text.") % {"tag": shortened(found[0])})
    tokens.append(unescaped(html))


def _joined(tokens: list[str | Code]) -> tuple[str | Code, ...]:
    """Return the tokens with neighbouring texts as one."""
    joined: list[str | Code] = []
    texts: list[str] = []
    for token in tokens:
        if isinstance(token, str):
            texts.append(token)
            continue
        if texts:
            joined.append("".join(texts))
            texts = []
        joined.append(token)
    return (*joined, "".join(texts)) if texts else tuple(joined)


def _nested_in_itself(markup: Markup) -> set[str]:
    opened: list[str] = []
    nested = set()
    for token in markup.tokens:
        if isinstance(token, Code) and token.kind == Code.OPEN:
            if token.tag in opened:
                nested.add(token.tag)
            opened.append(token.tag)
        elif isinstance(token, Code) and token.kind == Code.CLOSE:
            opened.pop()
    return nested


def shortened(text: str) -> str:
    """Return the beginning of a text, for a message."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
