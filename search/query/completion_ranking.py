"""The matching and ranking of completions, the same for both engines: an engine only finds the candidates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from search.linguistics.spelling import allowed_errors
from search.linguistics.tokens import PART, fold, tokens
from search.query.search_query import first_words
from search.search_documents import SearchDocument

PROFESSION, PLACE = "profession", "place"
# Match qualities, the best first.
STARTS_WITH, CONTAINS_ALL, NEAR_MATCH = range(3)
# Limit of places among other completions, so that they do not hide titles and professions.
MAX_PLACES = 3
# Limit of the words of a prefix: each is searched, and corrected if no document contains it.
MAX_PREFIX_WORDS = 8


@dataclass(frozen=True)
class Completion:
    """A title, profession or place that completes a prefix. A place has no content id."""

    text: str
    kind: str
    content_id: str = ""
    locale: str = ""


@dataclass(frozen=True)
class TypedPrefix:
    """A typed text without accents: `text` is its beginning, `words` are the words of that without stop words."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def parse(cls, prefix: str, locale: str) -> TypedPrefix:
        prefix, _number = first_words(prefix, MAX_PREFIX_WORDS)
        parts = [fold(part) for part in PART.findall(prefix)]
        # A stop word alone may be the beginning of another word.
        words = tuple(token.folded for token in tokens(prefix, locale)) or tuple(parts[-1:])
        return cls(" ".join(parts), words)


def match_quality(typed: TypedPrefix, text: str) -> int | None:
    """Return how well a text completes the prefix: STARTS_WITH, CONTAINS_ALL or NEAR_MATCH; None for no match."""
    words = [fold(part) for part in PART.findall(text)]
    if " ".join(words).startswith(typed.text):
        return STARTS_WITH
    quality = CONTAINS_ALL
    for typed_word in typed.words:
        if any(word.startswith(typed_word) for word in words):
            continue
        if not any(_is_near(typed_word, word) for word in words):
            return None
        quality = NEAR_MATCH
    return quality


def _is_near(typed_word: str, word: str) -> bool:
    """Return True if the word or its beginning equals the typed word within the allowed typing errors."""
    errors = allowed_errors(typed_word)
    return errors > 0 and any(
        OSA.distance(typed_word, candidate, score_cutoff=errors) <= errors
        for candidate in (word, *comparable_prefixes(word, typed_word))
    )


def comparable_prefixes(word: str, typed_word: str) -> tuple[str, str]:
    """Return the beginnings of the word that are as long as the typed word, and one letter longer."""
    return word[: len(typed_word)], word[: len(typed_word) + 1]


def best_matching_name(typed: TypedPrefix, names: Iterable[str]) -> str:
    """Return the name with the best match, the first of equals; "" if none matches."""
    ranked = [
        (quality, index, name)
        for index, name in enumerate(names)
        if (quality := match_quality(typed, name)) is not None
    ]
    return min(ranked)[2] if ranked else ""


def matching_places(typed: TypedPrefix, places: Iterable[str]) -> list[Completion]:
    """Return the places that match, in their order."""
    return [Completion(place, PLACE) for place in places if match_quality(typed, place) is not None]


def rank_completions(typed: TypedPrefix, candidates: Iterable[Completion], limit: int) -> list[Completion]:
    """Return the best candidates, each text once, by match quality, then professions, places, titles.

    At most MAX_PLACES places are kept if other candidates fill the rest.
    """
    by_text: dict[str, Completion] = {}
    for candidate in candidates:
        by_text.setdefault(fold(candidate.text), candidate)
    kind_order = {PROFESSION: 0, PLACE: 1}

    def rank(candidate: Completion) -> tuple[int, int]:
        quality = match_quality(typed, candidate.text)
        return (NEAR_MATCH if quality is None else quality, kind_order.get(candidate.kind, 2))

    ranked = sorted(by_text.values(), key=rank)
    places = [candidate for candidate in ranked if candidate.kind == PLACE]
    left_out = set(places[MAX_PLACES:]) if len(ranked) - len(places) >= limit - MAX_PLACES else set()
    return [candidate for candidate in ranked if candidate not in left_out][:limit]


def completion_labels(document: SearchDocument) -> dict[str, tuple[str, ...]]:
    """Return the names under which a profession is completed, by language, its title first; {} for other types."""
    return document.labels if document.type == PROFESSION else {}
