"""The words that an index holds of each language: typing errors, prefixes and what was probably meant."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from tantivy import Searcher

from search.analysis.tokens import fold
from search.completing import allowed_errors
from search.wordlist import WordList

# Seconds for which new words may be missing here; searching itself sees them at once.
MAX_AGE = 10.0


@dataclass(frozen=True)
class Lexicon:
    """Words of one language in how many documents they stand, found without regard to accents.

    People leave accents out when they type; the stem of a word needs them.
    """

    frequencies: dict[str, int]
    forms: dict[str, list[str]] = field(repr=False)
    folded: WordList = field(repr=False)

    @classmethod
    def of(cls, frequencies: dict[str, int]) -> Lexicon:
        forms: defaultdict[str, list[str]] = defaultdict(list)
        for word in frequencies:
            forms[fold(word)].append(word)
        folded = WordList({each: sum(frequencies[word] for word in written) for each, written in forms.items()})
        return cls(frequencies, dict(forms), folded)

    def __contains__(self, folded: str) -> bool:
        return folded in self.forms

    def like(self, folded: str, limit: int) -> list[str]:
        """Return the known words within as many typing errors as the length allows, the most probable first."""
        errors = allowed_errors(folded)
        found = self.folded.like(folded, errors) if errors else []
        return self._written([each for each in found if allowed_errors(each)][:limit])

    def beginning_with(self, folded: str, limit: int) -> list[str]:
        """Return the most frequent words that go on from a prefix."""
        return self._written(self.folded.beginning_with(folded, limit))

    def beginning_like(self, folded: str, limit: int) -> list[str]:
        """Return known words whose beginning is what was typed but for typing errors, the most probable first."""
        errors = allowed_errors(folded)
        return self._written(self.folded.beginning_like(folded, errors)[:limit]) if errors else []

    def _written(self, folded: list[str]) -> list[str]:
        """Return each word in its most frequent way of writing."""
        return [max(self.forms[each], key=lambda word: (self.frequencies[word], word)) for each in folded]


class Lexicons:
    """Lexicons of one index, made anew when the index has changed and they are older than `MAX_AGE`.

    Reading all words takes a moment. A thread does it, and whoever asks meanwhile is given what was there before.
    """

    def __init__(self) -> None:
        self._by_field: dict[str, tuple[float, int, Lexicon]] = {}
        self._being_made: set[str] = set()
        self._lock = threading.Lock()

    def of(self, searcher: Searcher, generation: int, field_name: str) -> Lexicon:
        known = self._by_field.get(field_name)
        if known is None:
            return self._make(searcher, generation, field_name)
        made_at, made_of, lexicon = known
        if made_of != generation and time.monotonic() - made_at >= MAX_AGE and self._is_mine_to_make(field_name):
            threading.Thread(
                target=self._renew, args=(searcher, generation, field_name), name="search-lexicon", daemon=True
            ).start()
        return lexicon

    def _is_mine_to_make(self, field_name: str) -> bool:
        with self._lock:
            if field_name in self._being_made:
                return False
            self._being_made.add(field_name)
            return True

    def _renew(self, searcher: Searcher, generation: int, field_name: str) -> None:
        try:
            self._make(searcher, generation, field_name)
        finally:
            self._being_made.discard(field_name)

    def _make(self, searcher: Searcher, generation: int, field_name: str) -> Lexicon:
        lexicon = Lexicon.of(dict(searcher.terms_with_prefix(field_name, "")))
        self._by_field[field_name] = (time.monotonic(), generation, lexicon)
        return lexicon
