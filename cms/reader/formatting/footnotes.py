"""Marks of footnotes in a text, at the first mention of each term."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .text_languages import unmarked


@dataclass(frozen=True)
class TextPart:
    """A part of a text; `note` is the number (from 1) of its footnote, or None."""

    text: str
    note: int | None = None


def mark_footnotes(text: str, footnotes: list[dict[str, Any]]) -> list[TextPart]:
    """Return a text in parts, with the number of each footnote on the first mention of its term.

    A term that the text does not mention, or mentions only inside another term, gets an empty part at the end of the
    text, so that readers can reach every note.
    """
    mentions: list[tuple[int, int, int]] = []
    unmentioned = []
    for number, footnote in enumerate(footnotes, start=1):
        term = unmarked(footnote["term"])
        mention = re.search(re.escape(term), text, re.IGNORECASE) if term else None
        if mention is None or any(mention.start() < end and start < mention.end() for start, end, _number in mentions):
            unmentioned.append(number)
        else:
            mentions.append((mention.start(), mention.end(), number))
    parts = []
    position = 0
    for start, end, number in sorted(mentions):
        parts += [TextPart(text[position:start]), TextPart(text[start:end], number)]
        position = end
    parts += [TextPart(text[position:]), *(TextPart("", number) for number in unmentioned)]
    return [part for part in parts if part.text or part.note]
