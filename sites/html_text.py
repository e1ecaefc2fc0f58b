"""HTML reduced to text in linear time, for any text: no function raises.

`django.utils.html.strip_tags` raises SuspiciousOperation for a text with many open tags, html.parser AssertionError for
some declarations, and both take quadratic time for comments that do not end. `html.unescape` raises ValueError for a
reference of thousands of digits. A test refuses them elsewhere (`tests/architecture/test_sources.py`).
"""

from __future__ import annotations

import re
from html import unescape

# Both patterns end before the next "<", so that each character is read once, for one "<".
MARKUP = re.compile(r"<[a-zA-Z/!?][^<>]*>")
# A tag as the serializers and the rich text editor write it: "<" and ">" are escaped everywhere else.
WRITTEN_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9-]*(?:[ \t\r\n]+[a-zA-Z:-]+=(?:\"[^\"<>]*\"|'[^'<>]*'))*[ \t\r\n]*/?>")
# More digits than any character has; Python refuses to convert thousands of them.
LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,})")


def is_html(text: str) -> bool:
    """Return True if a text has tags and no other "<": the product's HTML has none, and a plain text seldom a tag."""
    return "<" in text and text.count("<") == sum(1 for _tag in WRITTEN_TAG.finditer(text))


def text_of_html(html: str, separator: str = "") -> str:
    """Return HTML without its tags and with its entities decoded. `separator` replaces each tag.

    A "<" that begins no tag stays as it is.
    """
    return unescaped(MARKUP.sub(separator, html) if "<" in html else html)


def unescaped(html: str) -> str:
    """Return HTML with its entities decoded, or unchanged if a reference has more digits than a character."""
    return html if "&" not in html or LONG_REFERENCE.search(html) else unescape(html)
