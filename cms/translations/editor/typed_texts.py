"""Texts as people type them: plain where the original has no tags, else HTML with the tags of the original."""

from __future__ import annotations

import hashlib

from cms.translations.exchange.inline_codes import canonical_html, escape_text, parse_html
from cms.translations.exchange.units import Unit
from sites.html_text import unescaped

DIGEST_BYTES = 9


def has_tags(unit: Unit) -> bool:
    """Return True if the original, or its present translation, has tags: its text is then typed as HTML."""
    return bool(parse_html(unit.source).starts or parse_html(unit.target).starts)


def text_to_type(html: str, *, is_html: bool) -> str:
    """Return a stored text as people read and type it."""
    return canonical_html(html) if is_html else unescaped(html)


def typed_html(text: str, *, is_html: bool) -> str:
    """Return a typed text as it is stored, without white space at its ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return canonical_html(text) if is_html else escape_text(text)


def text_digest(html: str) -> str:
    """Return the digest of a stored text, by which a form knows whether somebody has changed it meanwhile."""
    return hashlib.blake2b(html.encode(), digest_size=DIGEST_BYTES).hexdigest()
