"""Footnotes of a text: each term's first mention leads to its note."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TextPart:
    """A stretch of text; `note` is the number (from 1) of the note on it, or None."""

    text: str
    note: int | None = None


def mark_footnotes(text: str, footnotes: list[dict[str, Any]]) -> list[TextPart]:
    """Return a text cut into parts, with each footnote on the first mention of its term.

    A term that the text does not mention, or only inside another term, gets its mark at the end of the text, on a
    part without text of its own: every note can be reached.
    """
    found: list[tuple[int, int, int]] = []
    unmentioned = []
    for number, footnote in enumerate(footnotes, start=1):
        mention = re.search(re.escape(footnote["term"]), text, re.IGNORECASE) if footnote["term"] else None
        if mention is None or any(mention.start() < end and start < mention.end() for start, end, _number in found):
            unmentioned.append(number)
        else:
            found.append((mention.start(), mention.end(), number))
    parts = []
    position = 0
    for start, end, number in sorted(found):
        parts += [TextPart(text[position:start]), TextPart(text[start:end], number)]
        position = end
    parts += [TextPart(text[position:]), *(TextPart("", number) for number in unmentioned)]
    return [part for part in parts if part.text or part.note]
