"""What goes on from the first letters that somebody types: which titles, professions and places, in which order.

Engines find candidates; what a candidate is worth, and their order, is the same on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from search.linguistics.spelling import allowed_errors
from search.linguistics.tokens import PART, fold, tokens
from search.search_documents import SearchDocument

PROFESSION, PLACE = "profession", "place"
# How well a candidate goes on from what is typed.
STARTS_WITH, CONTAINS_ALL, NEAR_MATCH = range(3)
# Of places, while there is anything else: a town has few names and many contents.
MAX_PLACES = 3


@dataclass(frozen=True)
class Completion:
    """A title, profession or place that begins like what somebody types. A place has no content of its own."""

    text: str
    kind: str
    content_id: str = ""
    locale: str = ""


@dataclass(frozen=True)
class TypedPrefix:
    """What somebody typed: all of it, and the words of it that matter, without accents."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def parse(cls, prefix: str, locale: str) -> TypedPrefix:
        parts = [fold(part) for part in PART.findall(prefix)]
        # A stop word alone may be the beginning of another word.
        words = tuple(token.folded for token in tokens(prefix, locale)) or tuple(parts[-1:])
        return cls(" ".join(parts), words)


def match_quality(typed: TypedPrefix, text: str) -> int | None:
    """Return how well a text goes on from what is typed; None when it does not."""
    words = [fold(part) for part in PART.findall(text)]
    if " ".join(words).startswith(typed.text):
        return STARTS_WITH
    worst = CONTAINS_ALL
    for word in typed.words:
        if any(each.startswith(word) for each in words):
            continue
        if not any(_is_near(word, each) for each in words):
            return None
        worst = NEAR_MATCH
    return worst


def _is_near(typed: str, word: str) -> bool:
    """Whether a word, or its beginning, is what was typed but for typing errors."""
    errors = allowed_errors(typed)
    return errors > 0 and any(
        OSA.distance(typed, each, score_cutoff=errors) <= errors for each in (word, *comparable_prefixes(word, typed))
    )


def comparable_prefixes(word: str, typed: str) -> tuple[str, str]:
    """Return the beginnings of a word that may have been typed with an error: as long, and longer by a letter."""
    return word[: len(typed)], word[: len(typed) + 1]


def best_matching_name(typed: TypedPrefix, names: Iterable[str]) -> str:
    """Return the one of a thing's names that goes on best, the first of equals; "" when none does."""
    ranked = [
        (worth, place, name) for place, name in enumerate(names) if (worth := match_quality(typed, name)) is not None
    ]
    return min(ranked)[2] if ranked else ""


def matching_places(typed: TypedPrefix, places: Iterable[str]) -> list[Completion]:
    """Return those of places, the most frequent first, that go on."""
    return [Completion(place, PLACE) for place in places if match_quality(typed, place) is not None]


def rank_completions(typed: TypedPrefix, candidates: Iterable[Completion], limit: int) -> list[Completion]:
    """Return the best candidates, each text once: what begins so first; then professions, places, titles."""
    once: dict[str, Completion] = {}
    for candidate in candidates:
        once.setdefault(fold(candidate.text), candidate)
    kinds = {PROFESSION: 0, PLACE: 1}

    def rank(candidate: Completion) -> tuple[int, int]:
        worth = match_quality(typed, candidate.text)
        return (NEAR_MATCH if worth is None else worth, kinds.get(candidate.kind, 2))

    ordered = sorted(once.values(), key=rank)
    places = [each for each in ordered if each.kind == PLACE]
    left_out = set(places[MAX_PLACES:]) if len(ordered) - len(places) >= limit - MAX_PLACES else set()
    return [each for each in ordered if each not in left_out][:limit]


def completion_labels(document: SearchDocument) -> dict[str, tuple[str, ...]]:
    """Return what completes to a document as a profession, by language: its names, the title first; {} for others."""
    return document.labels if document.type == PROFESSION else {}
