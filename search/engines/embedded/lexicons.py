"""The words that an index holds of each language, for as long as the index stays as it is."""

from __future__ import annotations

import threading
import time

from tantivy import Searcher

from search.linguistics.spelling import Lexicon

# Seconds for which new words may be missing here; searching itself sees them at once.
MAX_AGE = 10.0


class LexiconCache:
    """Lexicons of one index, made anew when the index has changed and they are older than `MAX_AGE`.

    Reading all words takes a moment. A thread does it, and whoever asks meanwhile is given what was there before.
    """

    def __init__(self) -> None:
        self._by_field: dict[str, tuple[float, int, Lexicon]] = {}
        self._being_made: set[str] = set()
        self._lock = threading.Lock()

    def get(self, searcher: Searcher, generation: int, field_name: str) -> Lexicon:
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
        lexicon = Lexicon.from_frequencies(dict(searcher.terms_with_prefix(field_name, "")))
        self._by_field[field_name] = (time.monotonic(), generation, lexicon)
        return lexicon
