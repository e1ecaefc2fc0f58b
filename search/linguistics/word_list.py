"""Words in order, found by their beginning or in spite of typing errors without looking at each of them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import nsmallest

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Beginnings so short are those of so many words that what is found for them is kept; there are few of them.
SHORT = 2
KEPT = 500  # misspelt words whose corrections are kept
AFTER_ALL_LETTERS = "\U0010ffff"


class WordList:
    """Words with how often they stand somewhere. Of equally good ones the more frequent come first."""

    def __init__(self, frequencies: dict[str, int]) -> None:
        self._frequencies = frequencies
        self._sorted = sorted(frequencies)
        self._by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self._sorted:
            self._by_length[len(word)].append(word)
        self._beginnings: dict[int, list[str]] = {}
        self._alike: dict[tuple[str, int], list[str]] = {}
        self._continued: dict[tuple[str, int], list[str]] = {}

    def words_with_prefix(self, prefix: str, limit: int) -> list[str]:
        """Return words that begin with a text."""
        if len(prefix) > SHORT:
            return self._most_frequent(self._range(prefix), limit)
        if (prefix, limit) not in self._continued:
            self._continued[prefix, limit] = self._most_frequent(self._range(prefix), limit)
        return self._continued[prefix, limit]

    def similar_words(self, word: str, errors: int) -> list[str]:
        """Return words that differ from a word by at most so many letters wrong, left out, too many or swapped."""
        # One query asks several times: to respell it, to match it, to mark what it found.
        if (found := self._alike.get((word, errors))) is None:
            if len(self._alike) >= KEPT:
                self._alike.clear()
            found = self._alike[word, errors] = self._like(word, errors)
        return found

    def _like(self, word: str, errors: int) -> list[str]:
        lengths = range(len(word) - errors, len(word) + errors + 1)
        near = dict(pair for length in lengths for pair in _near(word, self._by_length.get(length, ()), errors))
        return self._nearest(word, near)

    def words_with_similar_prefix(self, prefix: str, errors: int) -> list[str]:
        """Return words whose beginning differs from a text by at most so many letters; it may be longer by one."""
        near: dict[str, int] = {}
        for length in (len(prefix), len(prefix) + 1):
            for beginning, distance in _near(prefix, self._all_beginnings(length), errors):
                words = self._range(beginning) if len(beginning) == length else [beginning]
                for word in words:
                    near[word] = min(distance, near.get(word, distance))
        return self._nearest(prefix, near)

    def _all_beginnings(self, length: int) -> list[str]:
        """Return what the words begin with, up to a length: shorter words are their own beginning."""
        if length not in self._beginnings:
            self._beginnings[length] = list(dict.fromkeys(word[:length] for word in self._sorted))
        return self._beginnings[length]

    def _range(self, prefix: str) -> list[str]:
        return self._sorted[bisect_left(self._sorted, prefix) : bisect_left(self._sorted, prefix + AFTER_ALL_LETTERS)]

    def _most_frequent(self, words: Iterable[str], limit: int) -> list[str]:
        return nsmallest(limit, words, key=lambda word: (-self._frequencies[word], word))

    def _nearest(self, typed: str, near: dict[str, int]) -> list[str]:
        # The first letter is rarely wrong.
        return sorted(near, key=lambda word: (near[word], word[0] != typed[0], -self._frequencies[word], word))


def _near(word: str, choices: Sequence[str], errors: int) -> Iterable[tuple[str, int]]:
    found = process.extract(word, choices, scorer=OSA.distance, score_cutoff=errors, limit=None)
    return ((choice, int(distance)) for choice, distance, _place in found)
