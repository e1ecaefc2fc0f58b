"""Marks of footnotes in a text, at the first mention of each term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .text_languages import unmarked

# Each one is a search through the whole text, at each request. Notes beyond this number are marked at the end of it.
MAX_SEARCHED_TERMS = 100


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
    folded = _fold(text)
    for number, footnote in enumerate(footnotes, start=1):
        term = _fold(unmarked(footnote["term"])) if number <= MAX_SEARCHED_TERMS else ""
        start = folded.find(term) if term else -1
        end = start + len(term)
        if start < 0 or any(start < other_end and other_start < end for other_start, other_end, _ in mentions):
            unmentioned.append(number)
        else:
            mentions.append((start, end, number))
    parts = []
    position = 0
    for start, end, number in sorted(mentions):
        parts += [TextPart(text[position:start]), TextPart(text[start:end], number)]
        position = end
    parts += [TextPart(text[position:]), *(TextPart("", number) for number in unmentioned)]
    return [part for part in parts if part.text or part.note]


def _fold(text: str) -> str:
    """Return a text of the same length in lower case, for comparison: `str.lower` makes two characters of İ.

    `str.find` takes linear time, which a regular expression with IGNORECASE does not.
    """
    return text.replace("\u0130", "i").lower().replace("ς", "σ")
