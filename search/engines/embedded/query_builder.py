"""Turns the words of a query into a query of the embedded index, language by language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tantivy import Occur, Query

from search.linguistics.spelling import correct_spelling, in_vocabulary
from search.linguistics.tokens import Token, fold, tokens
from search.query.interpretation import (
    PHRASE_SLOP,
    TIE_BREAKER,
    QueryTerm,
    RelaxationLevel,
    interpret_query,
    proximity_phrases,
    required_term_count,
    required_token_count,
)
from search.query.ranking import ranking
from search.query.search_query import QueryWords

from .schema import WORD_FIELDS, schema
from .snapshot import Snapshot, not_expired

MAX_ALTERNATIVES = 6
MIN_PREFIX_LENGTH = 3  # letters; fewer begin too many words

Ways = dict[str, float]  # terms of one word, and what each is worth


@dataclass(frozen=True)
class EmbeddedVocabulary:
    """What one state of the index knows of words in some languages."""

    snapshot: Snapshot
    languages: Sequence[str]

    def has_word(self, folded: str) -> bool:
        return any(folded in self.snapshot.lexicon(code) for code in self.languages)

    def has_stem(self, token: Token) -> bool:
        return any(
            self.snapshot.searcher.doc_freq(f"{name}_{code}", each.term)
            for code in self.languages
            for each in tokens(token.word, code)
            for name in WORD_FIELDS
        )

    def nearest(self, folded: str) -> list[str]:
        return [word for code in self.languages for word in self.snapshot.lexicon(code).similar_words(folded, 1)]

    def candidates(self, folded: str, code: str) -> list[str]:
        return self.snapshot.lexicon(code).similar_words(folded, MAX_ALTERNATIVES)

    def written(self, word: str) -> str:
        """Return how current documents of the first language write a word mostly; "" when none of them has it.

        Counted by a search: the dictionary keeps the words of deleted documents until its segments are merged.
        """
        code = self.languages[0]
        forms = self.snapshot.lexicon(code).forms.get(fold(word), ())
        counts = {form: number for form in forms if (number := self._count(f"words_{code}", form))}
        return max(counts, key=lambda form: (counts[form], form), default="")

    def _count(self, field: str, term: str) -> int:
        parts = [(Occur.Must, Query.term_query(schema(), field, term, "basic")), (Occur.Must, not_expired())]
        return int(self.snapshot.searcher.search(Query.boolean_query(parts), 1).count)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class QueryBuilder:
    """Makes queries for one state of the index."""

    snapshot: Snapshot

    def build(self, words: QueryWords, languages: Sequence[str], width: RelaxationLevel = RelaxationLevel.ALL) -> Query:
        """Return what scores documents by the words, in any of the languages; every document without words."""
        required = [self._any(self._phrase(phrase, code) for code in languages) for phrase in words.phrases]
        excluded = [self._any(self._phrase(word, code) for code in languages) for word in words.excluded]
        if words.text:
            texts = {words.text: 1.0}
            texts.setdefault(self.respelled(words.text, languages), ranking().words["respelled"])
            required.append(
                self._any(
                    Query.boost_query(self._text(text, code, languages, width), factor)
                    for text, factor in texts.items()
                    for code in languages
                    if self.snapshot.has_words(code)
                )
            )
        if not required:
            required.append(Query.all_query())
        parts = [(Occur.Must, query) for query in required] + [(Occur.MustNot, query) for query in excluded]
        return Query.boolean_query(parts)

    def respelled(self, text: str, languages: Sequence[str]) -> str:
        """Return the text as it was probably meant."""
        return correct_spelling(text, languages, EmbeddedVocabulary(self.snapshot, languages))

    def unknown_words(self, words: QueryWords, languages: Sequence[str]) -> list[Token]:
        """Return the words that no document has in any of the languages."""
        found = tokens(words.text, languages[0])
        return [token for token in found if not any(token.folded in self.snapshot.lexicon(code) for code in languages)]

    def matching_terms(
        self, words: QueryWords, code: str, languages: Sequence[str], width: RelaxationLevel
    ) -> frozenset[str]:
        """Return every term that a document in that language may have matched by, for highlighting."""
        found = {token.term for phrase in words.phrases for token in tokens(phrase, code)}
        for place in interpret_query(words.text, code, languages):
            found |= {term for token in place.tokens for term in self._ways(token, code, languages, width)}
            found |= {term for name in place.expansions for term in name.terms}
        return frozenset(found)

    def _text(self, text: str, code: str, languages: Sequence[str], width: RelaxationLevel) -> Query:
        places = interpret_query(text, code, languages)
        if not places:
            return Query.empty_query()
        required, asking = [], []
        for place in places:
            found = self._place(place, code, languages, width)
            if place.is_optional:
                asking.append((Occur.Should, Query.boost_query(found, ranking().words["optional"])))
            else:
                required.append((Occur.Should, found))
        bonuses = [
            (Occur.Should, bonus) for bonus in self._bonuses([t for place in places for t in place.tokens], code)
        ]
        matching = self._at_least(required or asking, required_term_count(places, width))
        return Query.boolean_query([(Occur.Must, matching), *(asking if required else ()), *bonuses])

    @staticmethod
    def _at_least(places: list[tuple[Occur, Query]], number: int) -> Query:
        return Query.boolean_query(places, minimum_number_should_match=max(number, 1))

    def _place(self, place: QueryTerm, code: str, languages: Sequence[str], width: RelaxationLevel) -> Query:
        """Match the words of a place, all of them, or another name of what they name."""
        ways = [self._way(expansion.terms, code, expansion.boost, width) for expansion in place.expansions]
        words = [self._word(token, code, languages, width) for token in place.tokens]
        if len(words) == 1:
            ways.append(words[0])
        elif words:
            # The name itself, or its words in whatever order, which say less.
            ways.append(self._way(tuple(token.term for token in place.tokens), code, 1.0, width))
            if width is RelaxationLevel.ANY:
                words = [self._place(part, code, languages, width) for part in place.parts]
            apart = self._at_least([(Occur.Should, word) for word in words], required_token_count(len(words), width))
            ways.append(Query.boost_query(apart, ranking().words["separate_words"] / len(words)))
        return self._any(ways)

    def _way(self, terms: tuple[str, ...], code: str, factor: float, width: RelaxationLevel) -> Query:
        """Match terms in a row in any field. Where not all words must match, something is due to having one."""
        weights = ranking().fields
        best = self._any(
            Query.boost_query(self._terms(f"{field}_{code}", terms), weights[field]) for field in WORD_FIELDS
        )
        if width is RelaxationLevel.ALL:
            return Query.boost_query(best, factor)
        matched = Query.const_score_query(Query.all_query(), ranking().words["per_matched_term"])
        return Query.boost_query(Query.boolean_query([(Occur.Must, best), (Occur.Must, matched)]), factor)

    def _word(self, token: Token, code: str, languages: Sequence[str], width: RelaxationLevel) -> Query:
        ways = [
            self._way((term,), code, factor, width)
            for term, factor in self._ways(token, code, languages, width).items()
        ]
        exact = ranking().words["exact_form"]
        forms = dict.fromkeys([token.word, *self.snapshot.lexicon(code).forms.get(token.folded, [])])
        bonuses = [(Occur.Should, Query.boost_query(self._term(f"words_{code}", form), exact)) for form in forms]
        return Query.boolean_query([(Occur.Must, self._any(ways)), *bonuses])

    def _ways(self, token: Token, code: str, languages: Sequence[str], width: RelaxationLevel) -> Ways:
        """Return the terms of a word; a word that nobody knows may be the beginning of one, or misspelt."""
        lexicon = self.snapshot.lexicon(code)
        written = lexicon.forms.get(token.folded, [])
        ways = {each.term: 1.0 for word in (token.word, *written) for each in tokens(word, code)} or {token.term: 1.0}
        known = EmbeddedVocabulary(self.snapshot, languages)
        is_known = known.has_word(token.folded) or in_vocabulary(token.folded, languages) or known.has_stem(token)
        guesses: list[tuple[str, float]] = []
        is_ours = bool(written) or in_vocabulary(token.folded, (code,))
        if len(token.folded) >= MIN_PREFIX_LENGTH and (not is_known or (width is not RelaxationLevel.ALL and is_ours)):
            longer = lexicon.words_with_prefix(token.folded, MAX_ALTERNATIVES)
            guesses += [(word, ranking().words["prefix"]) for word in longer]
        if not is_known:
            guesses += [
                (word, ranking().words["typing_error"])
                for word in lexicon.similar_words(token.folded, MAX_ALTERNATIVES)
            ]
        for word, factor in guesses:
            for guess in tokens(word, code):
                ways.setdefault(guess.term, factor)
        return ways

    def _bonuses(self, words: list[Token], code: str) -> list[Query]:
        """Words that stand together, near one another, are worth more than the same words far apart."""
        terms = [token.term for token in words]
        if len(terms) <= 1:
            return []
        pairs = proximity_phrases(terms)
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
