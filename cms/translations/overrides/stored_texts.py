"""Stored translations with faulty or endless tags are shown as text, and are not parsed.

Replaces: `StringValue.from_translated_html`, `render_text` and `render_soup` of wagtail-localize, by functions that
    call the original for texts that `inline_codes` can read.
Why no hook serves: wagtail-localize parses a stored text whenever it is shown, to find its errors, and used, with
    BeautifulSoup, which takes quadratic time for tags and comments that do not end. No such text is stored any more,
    but older ones may be there, and other code can store some.
Written for: wagtail-localize 1.14.5.
Upstream issue: none found.
Test that fails when upstream changes: tests/translations/test_stored_texts.py.
"""

from __future__ import annotations

from typing import Any

from wagtail_localize.strings import StringValue

from cms.translations.exchange.inline_codes import escape_text, parse_html, refuse_unreadable
from cms.translations.exchange.units import UnitFaultError

# Shorter texts are parsed at once, whatever they contain.
SHORT = 1_000

_from_translated_html: Any = StringValue.from_translated_html
_render_text: Any = StringValue.render_text
_render_soup: Any = StringValue.render_soup


def show_faulty_texts_unparsed() -> None:
    """Replace the methods. Called once, when the applications are ready."""
    StringValue.from_translated_html = staticmethod(from_translated_html)
    StringValue.render_text = lambda value: _render_text(_readable(value))
    StringValue.render_soup = lambda value, attrs: _render_soup(_readable(value), attrs)


def from_translated_html(html: str) -> StringValue:
    """Return the value of a translated text; raise ValueError, as the original does, for one that cannot be used."""
    try:
        refuse_unreadable(html)
    except UnitFaultError as fault:
        raise ValueError(str(fault)) from fault
    value: StringValue = _from_translated_html(html)
    return value


def _readable(value: StringValue) -> StringValue:
    """Return the value, or one with its HTML as text."""
    is_faulty = len(value.data) > SHORT and parse_html(value.data, may_repeat_ids=True).faults
    return StringValue(escape_text(value.data)) if is_faulty else value
