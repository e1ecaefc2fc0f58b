"""Limits of texts that Wagtail searches. Wagtail parses them recursively, as the database does with the result."""

from __future__ import annotations

import re

MAX_LENGTH = 300  # characters; a title has up to 255
MAX_WORDS = 64
WORD = re.compile(r"\w+")


def is_too_long_to_search(text: str) -> bool:
    """Return True for a text with which a search would fail or be slow."""
    return len(text) > MAX_LENGTH or len(WORD.findall(text)) > MAX_WORDS
