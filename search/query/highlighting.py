"""Highlighted fragments of a text, safe as HTML."""

from __future__ import annotations

import re
from collections import Counter

from django.utils.html import escape

from search.linguistics.tokens import Token, matching_tokens

FRAGMENT_LENGTH = 220
# The beginning of a text that is analyzed for fragments and similarity. The whole text would cost too much.
MAX_ANALYZED_CHARACTERS = 20_000


def best_fragment(text: str, language_code: str, terms: frozenset[str]) -> str:
    """Return the passage of about FRAGMENT_LENGTH characters with the most terms, each in `<mark>`; "" without a match.

    `terms` are terms of `search.linguistics.tokens`. Everything else is escaped.
    """
    matches = _matches(text, language_code, terms)
    if not matches:
        return ""
    first = _start_of_best_passage(matches, FRAGMENT_LENGTH)
    inside = [token for token in matches if first.start <= token.start and token.end <= first.start + FRAGMENT_LENGTH]
    margin = max(0, FRAGMENT_LENGTH - (inside[-1].end - inside[0].start)) // 2
    start = min(_word_boundary(text, inside[0].start - margin, 1), inside[0].start)
    end = max(_word_boundary(text, inside[-1].end + margin, -1), inside[-1].end)
    shown = [token for token in matches if start <= token.start and token.end <= end]
    passage = _with_marks(text, shown, start, end)
    return f"{'… ' if start > 0 else ''}{passage}{' …' if end < len(text) else ''}"


def mark_terms(text: str, language_code: str, terms: frozenset[str]) -> str:
    """Return the whole text with the terms in `<mark>`; "" without a match."""
    matches = _matches(text, language_code, terms)
    return _with_marks(text, matches, 0, len(text)) if matches else ""


def _matches(text: str, language_code: str, terms: frozenset[str]) -> list[Token]:
    return matching_tokens(text[:MAX_ANALYZED_CHARACTERS], language_code, terms)


def _start_of_best_passage(matches: list[Token], length: int) -> Token:
    """Return the first match of the passage that has the most different terms, then the most matches; linear time."""
    best, best_score = matches[0], (0, 0)
    inside: Counter[str] = Counter()
    end = 0
    for position, token in enumerate(matches):
        while end < len(matches) and matches[end].end <= token.start + length:
            inside[matches[end].term] += 1
            end += 1
        if (score := (len(inside), end - position)) > best_score:
            best, best_score = token, score
        if end == position:  # A token that is longer than a passage.
            end += 1
        elif inside[token.term] == 1:
            del inside[token.term]
        else:
            inside[token.term] -= 1
    return best


def _with_marks(text: str, matches: list[Token], start: int, end: int) -> str:
    """Return the escaped text from `start` to `end` with the matches in `<mark>` and single spaces."""
    parts = []
    position = start
    for token in matches:
        parts += [escape(text[position : token.start]), "<mark>", escape(text[token.start : token.end]), "</mark>"]
        position = token.end
    parts.append(escape(text[position:end]))
    # No-break spaces stay: in French they keep a colon at its word.
    return re.sub(r"[ \t\n\r]+", " ", "".join(parts)).strip(" ")


def _word_boundary(text: str, position: int, step: int) -> int:
    """Return the position of the next space in the direction of `step`, so that no word is cut."""
    if position <= 0:
        return 0
    if position >= len(text):
        return len(text)
    while 0 < position < len(text) and not text[position].isspace():
        position += step
    return position
