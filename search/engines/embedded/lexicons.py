"""A cache of the words that an index contains in each language."""

from __future__ import annotations

import threading
import time

from tantivy import Searcher

from search.linguistics.spelling import Lexicon

# Seconds for which a lexicon may lack new words. Searching finds them at once.
MAX_AGE = 10.0


class LexiconCache:
    """The lexicons of one index. A lexicon is read again if the index has changed and it is older than MAX_AGE.

    Reading all words takes a moment: a thread does it, and callers get the previous lexicon meanwhile.
    """

    def __init__(self) -> None:
        self._by_field: dict[str, tuple[float, int, Lexicon]] = {}
        self._being_renewed: set[str] = set()
        self._lock = threading.Lock()

    def get(self, searcher: Searcher, generation: int, field_name: str) -> Lexicon:
        """Return the lexicon of a field. `generation` identifies the state of the index that the searcher reads."""
        cached = self._by_field.get(field_name)
        if cached is None:
            return self._read(searcher, generation, field_name)
        read_at, read_generation, lexicon = cached
        is_stale = read_generation != generation and time.monotonic() - read_at >= MAX_AGE
        if is_stale and self._start_renewal(field_name):
            threading.Thread(
                target=self._renew, args=(searcher, generation, field_name), name="search-lexicon", daemon=True
            ).start()
        return lexicon

    def _start_renewal(self, field_name: str) -> bool:
        """Return True if no other thread renews the field, and note that the caller does."""
        with self._lock:
            if field_name in self._being_renewed:
                return False
            self._being_renewed.add(field_name)
            return True

    def _renew(self, searcher: Searcher, generation: int, field_name: str) -> None:
        try:
            self._read(searcher, generation, field_name)
        finally:
            self._being_renewed.discard(field_name)

    def _read(self, searcher: Searcher, generation: int, field_name: str) -> Lexicon:
        lexicon = Lexicon.from_frequencies(dict(searcher.terms_with_prefix(field_name, "")))
        self._by_field[field_name] = (time.monotonic(), generation, lexicon)
        return lexicon
