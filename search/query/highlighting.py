"""Fragments of a text around what matched, safe as HTML."""

from __future__ import annotations

import re

from django.utils.html import escape

from search.linguistics.tokens import Token, matching_tokens

FRAGMENT_LENGTH = 220
# Only so much of a long text is looked through: a fragment is a help to choose, not a proof.
MAX_ANALYZED_CHARACTERS = 20_000


def best_fragment(text: str, language_code: str, terms: frozenset[str], length: int = FRAGMENT_LENGTH) -> str:
    """Return the passage of about `length` characters that has the most of the terms, each in `<mark>`; "" for none.

    `terms` are those of `search.linguistics.tokens`. Everything else is escaped.
    """
    matches = _matches(text, language_code, terms)
    if not matches:
        return ""
    first = _densest(matches, length)
    inside = [token for token in matches if first.start <= token.start and token.end <= first.start + length]
    margin = max(0, length - (inside[-1].end - inside[0].start)) // 2
    start = min(_word_boundary(text, inside[0].start - margin, 1), inside[0].start)
    end = max(_word_boundary(text, inside[-1].end + margin, -1), inside[-1].end)
    shown = [token for token in matches if start <= token.start and token.end <= end]
    passage = _marked(text, shown, start, end)
    return f"{'… ' if start > 0 else ''}{passage}{' …' if end < len(text) else ''}"


def mark_terms(text: str, language_code: str, terms: frozenset[str]) -> str:
    """Return the whole text with the terms in `<mark>`; "" when it has none of them."""
    matches = _matches(text, language_code, terms)
    return _marked(text, matches, 0, len(text)) if matches else ""


def _matches(text: str, language_code: str, terms: frozenset[str]) -> list[Token]:
    return matching_tokens(text[:MAX_ANALYZED_CHARACTERS], language_code, terms)


def _densest(matches: list[Token], length: int) -> Token:
    """Return the match at which the passage with the most different terms begins."""

    def worth(token: Token) -> tuple[int, int]:
        inside = [each for each in matches if token.start <= each.start and each.end <= token.start + length]
        return len({each.term for each in inside}), len(inside)

    # More matches than this are not worth comparing.
    return max(matches[:200], key=worth)


def _marked(text: str, matches: list[Token], start: int, end: int) -> str:
    parts = []
    place = start
    for token in matches:
        parts += [escape(text[place : token.start]), "<mark>", escape(text[token.start : token.end]), "</mark>"]
        place = token.end
    parts.append(escape(text[place:end]))
    # Not the no-break spaces of French, which hold a colon at its word.
    return re.sub(r"[ \t\n\r]+", " ", "".join(parts)).strip(" ")


def _word_boundary(text: str, place: int, step: int) -> int:
    """Move a place to the next space in a direction, so that no word is cut."""
    if place <= 0:
        return 0
    if place >= len(text):
        return len(text)
    while 0 < place < len(text) and not text[place].isspace():
        place += step
    return place
