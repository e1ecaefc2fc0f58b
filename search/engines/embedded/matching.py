"""Turns the words of a query into a query of the embedded index, language by language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tantivy import Occur, Query

from search.analysis.tokens import Token, tokens
from search.query import Words
from search.ranking import ranking
from search.synonyms import synonyms_of

from .schema import WORD_FIELDS, schema
from .snapshot import Snapshot

ALTERNATIVES = 6
MINIMUM_PREFIX = 3  # letters; fewer begin too many words
TIE_BREAKER = 0.15
PHRASE_SLOP = 3
WHOLE_PHRASE_UP_TO = 3
# Of so many words or fewer all must match; of more, this share: a long question has words that no answer has.
ALL_UP_TO = 2
SHARE = 0.6


@dataclass(frozen=True)
class Slot:
    """A place in the query that must match in one of several ways: (terms in a row, factor)."""

    ways: tuple[tuple[tuple[str, ...], float], ...]
    exact: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matcher:
    """Makes queries for one state of the index."""

    snapshot: Snapshot

    def query(self, words: Words, languages: Sequence[str], *, all_must_match: bool = True) -> Query:
        """Return what scores documents by the words, in any of the languages; every document without words."""
        required = [self._any(self._phrase(phrase, code) for code in languages) for phrase in words.phrases]
        excluded = [self._any(self._phrase(word, code) for code in languages) for word in words.excluded]
        if words.text:
            required.append(self._any(self._text(words.text, code, languages, all_must_match) for code in languages))
        if not required:
            required.append(Query.all_query())
        parts = [(Occur.Must, query) for query in required] + [(Occur.MustNot, query) for query in excluded]
        return Query.boolean_query(parts)

    def unknown_words(self, words: Words, languages: Sequence[str]) -> list[Token]:
        """Return the words that no document has in any of the languages."""
        found = tokens(words.text, languages[0])
        return [token for token in found if not any(token.folded in self.snapshot.lexicon(code) for code in languages)]

    def terms(self, words: Words, code: str, languages: Sequence[str]) -> frozenset[str]:
        """Return every term that a document in that language may have matched by, for highlighting."""
        slots = self._slots(list(tokens(words.text, code)), code, languages)
        found = {term for slot in slots for way, _factor in slot.ways for term in way}
        return frozenset(found | {token.term for phrase in words.phrases for token in tokens(phrase, code)})

    def _text(self, text: str, code: str, languages: Sequence[str], all_must_match: bool) -> Query:
        slots = self._slots(list(tokens(text, code)), code, languages)
        if not slots:
            return Query.empty_query()
        # A word with its other names counts once, however many words its long form has.
        needed = len(slots) if len(slots) <= ALL_UP_TO else max(ALL_UP_TO, round(len(slots) * SHARE))
        matching = Query.boolean_query(
            [(Occur.Should, self._slot(slot, code)) for slot in slots],
            minimum_number_should_match=needed if all_must_match else 1,
        )
        bonuses = self._bonuses(slots, code)
        return Query.boolean_query([(Occur.Must, matching), *((Occur.Should, bonus) for bonus in bonuses)])

    def _slots(self, cut: list[Token], code: str, languages: Sequence[str]) -> list[Slot]:
        cut = [self._accented(token, code) for token in cut]
        terms = tuple(token.term for token in cut)
        synonyms = synonyms_of(code)
        slots: list[Slot] = []
        place = 0
        while place < len(cut):
            length, others = synonyms.at(terms, place)
            if length:
                own = terms[place : place + length]
                ways = [(own, 1.0), *((other, ranking().words["synonym"]) for other in others)]
                slots.append(Slot(tuple(ways), tuple(token.word for token in cut[place : place + length])))
                place += length
            else:
                slots.append(self._word(cut[place], code, languages))
                place += 1
        return slots

    def _accented(self, token: Token, code: str) -> Token:
        """Return a word as documents write it, when it was typed without its accents."""
        lexicon = self.snapshot.lexicon(code)
        if token.word in lexicon.frequencies or token.folded not in lexicon:
            return token
        written = max(lexicon.forms[token.folded], key=lambda word: lexicon.frequencies[word])
        return next((replace(each, start=token.start, end=token.end) for each in tokens(written, code)), token)

    def _word(self, token: Token, code: str, languages: Sequence[str]) -> Slot:
        """A word that nobody knows may be the beginning of one, or misspelt."""
        lexicon = self.snapshot.lexicon(code)
        written = lexicon.forms.get(token.folded, [])
        ways = {(each.term,): 1.0 for word in (token.word, *written) for each in tokens(word, code)}
        if not self._is_known(token, languages):
            longer = lexicon.beginning_with(token.folded, ALTERNATIVES) if len(token.folded) >= MINIMUM_PREFIX else []
            guesses = [
                *((word, ranking().words["prefix"]) for word in longer),
                *((word, ranking().words["typing_error"]) for word in lexicon.like(token.folded, ALTERNATIVES)),
            ]
            for word, factor in guesses:
                for guess in tokens(word, code):
                    ways.setdefault((guess.term,), factor)
        return Slot(tuple(ways.items()), tuple({token.word, *written}))

    def _is_known(self, token: Token, languages: Iterable[str]) -> bool:
        if any(token.folded in self.snapshot.lexicon(code) for code in languages):
            return True
        # An inflected form that no document has is known by its stem.
        return any(
            self.snapshot.searcher.doc_freq(f"{name}_{code}", each.term)
            for code in languages
            for each in tokens(token.word, code)
            for name in WORD_FIELDS
        )

    def _slot(self, slot: Slot, code: str) -> Query:
        ways = [
            Query.boost_query(self._terms(f"{name}_{code}", terms), ranking().fields[name] * factor)
            for terms, factor in slot.ways
            for name in WORD_FIELDS
        ]
        best = Query.disjunction_max_query(ways, TIE_BREAKER)
        exact = [
            (Occur.Should, Query.boost_query(self._term(f"words_{code}", word), ranking().words["exact_form"]))
            for word in slot.exact
        ]
        return Query.boolean_query([(Occur.Must, best), *exact])

    def _bonuses(self, slots: list[Slot], code: str) -> list[Query]:
        """Words that stand together, near one another, are worth more than the same words far apart."""
        terms = [term for slot in slots for term in slot.ways[0][0]]
        if len(terms) == 1:
            return []
        is_short = len(terms) <= WHOLE_PHRASE_UP_TO
        pairs = [terms] if is_short else [terms[place : place + 2] for place in range(len(terms) - 1)]
        return [
            Query.boost_query(
                Query.phrase_query(schema(), f"{name}_{code}", list(pair), PHRASE_SLOP),
                ranking().fields[name] * ranking().words["phrase"] / len(pairs),
            )
            for pair in pairs
            for name in WORD_FIELDS
        ]

    def _phrase(self, text: str, code: str) -> Query:
        terms = tuple(token.term for token in tokens(text, code))
        if not terms:
            return Query.empty_query()
        return Query.disjunction_max_query(
            [Query.boost_query(self._terms(f"{name}_{code}", terms), ranking().fields[name]) for name in WORD_FIELDS],
            TIE_BREAKER,
        )

    def _terms(self, field: str, terms: tuple[str, ...]) -> Query:
        if len(terms) == 1:
            return self._term(field, terms[0])
        return Query.phrase_query(schema(), field, list(terms), 0 if field.startswith("words") else 1)

    def _term(self, field: str, term: str) -> Query:
        return Query.term_query(schema(), field, term, "freq")

    @staticmethod
    def _any(queries: Iterable[Query]) -> Query:
        return Query.disjunction_max_query(list(queries), TIE_BREAKER)
