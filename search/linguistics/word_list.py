"""A sorted word list that finds words by prefix and by similarity without comparing all of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Completions of prefixes up to this length are cached: such prefixes are few and match many words.
SHORT_PREFIX = 2
CACHED_CORRECTIONS = 500
AFTER_ALL_LETTERS = "\U0010ffff"


class WordList:
    """Words with their frequencies. Among equally good results the more frequent words come first."""

    def __init__(self, frequencies: dict[str, int]) -> None:
        self._frequencies = frequencies
        self._sorted = sorted(frequencies)
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            self._by_length[len(word)].append(word)
        self._prefixes: dict[int, list[str]] = {}
        self._similar: dict[tuple[str, int], list[str]] = {}
        self._completions: dict[tuple[str, int], list[str]] = {}

    def words_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Return the most frequent words that start with a prefix."""
        if len(prefix) > SHORT_PREFIX:
            return self._most_frequent(self._range(prefix), limit)
        if (prefix, limit) not in self._completions:
            self._completions[prefix, limit] = self._most_frequent(self._range(prefix), limit)
        return self._completions[prefix, limit]

    def similar_words(self, word: str, errors: int) -> list[str]:
        """Return the words within `errors` edits of a word, the nearest first.

        An edit replaces, adds or removes a letter, or swaps two neighbours.
        """
        # One query needs the result several times: to correct its spelling, to match documents, to highlight.
        if (words := self._similar.get((word, errors))) is None:
            if len(self._similar) >= CACHED_CORRECTIONS:
                self._similar.clear()
            words = self._similar[word, errors] = self._find_similar(word, errors)
        return words

    def _find_similar(self, word: str, errors: int) -> list[str]:
        lengths = range(len(word) - errors, len(word) + errors + 1)
        distances = dict(
            pair for length in lengths for pair in _within_distance(word, self._by_length.get(length, ()), errors)
        )
        return self._nearest(word, distances)

    def words_with_similar_prefix(self, prefix: str, errors: int) -> list[str]:
        """Return the words that start within `errors` edits of a prefix, the nearest first.

        The start of a word may have one letter more than the prefix.
        """
        distances: dict[str, int] = {}
        for length in (len(prefix), len(prefix) + 1):
            for start, distance in _within_distance(prefix, self._prefixes_of_length(length), errors):
                words = self._range(start) if len(start) == length else [start]
                for word in words:
                    distances[word] = min(distance, distances.get(word, distance))
        return self._nearest(prefix, distances)

    def _prefixes_of_length(self, length: int) -> list[str]:
        """Return the distinct prefixes of the words; a shorter word is its own prefix."""
        if length not in self._prefixes:
            self._prefixes[length] = list(dict.fromkeys(word[:length] for word in self._sorted))
        return self._prefixes[length]

    def _range(self, prefix: str) -> list[str]:
        return self._sorted[bisect_left(self._sorted, prefix) : bisect_left(self._sorted, prefix + AFTER_ALL_LETTERS)]

    def _most_frequent(self, words: Iterable[str], limit: int) -> list[str]:
        return nsmallest(limit, words, key=lambda word: (-self._frequencies[word], word))

    def _nearest(self, typed: str, distances: dict[str, int]) -> list[str]:
        # People rarely mistype the first letter.
        return sorted(
            distances, key=lambda word: (distances[word], word[0] != typed[0], -self._frequencies[word], word)
        )


def _within_distance(word: str, choices: Sequence[str], errors: int) -> Iterable[tuple[str, int]]:
    matches = process.extract(word, choices, scorer=OSA.distance, score_cutoff=errors, limit=None)
    return ((choice, int(distance)) for choice, distance, _index in matches)
