"""Queries of the embedded index for the words of a search query, language by language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tantivy import Occur, Query, Schema

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
# Limits of the clauses of a query: of all alternatives to its words, and of the spellings of one word.
MAX_ALTERNATIVES_OF_QUERY = 48
MAX_FORMS = 3
MIN_PREFIX_LENGTH = 3  # a shorter prefix matches too many words


@dataclass(frozen=True)
class EmbeddedVocabulary:
    """The words that one state of the index contains in some languages (`IndexVocabulary`)."""

    snapshot: Snapshot
    languages: Sequence[str]

    def has_word(self, folded: str) -> bool:
        return any(folded in self.snapshot.lexicon(code) for code in self.languages)

    def has_stem(self, token: Token) -> bool:
        return any(
            self.snapshot.searcher.doc_freq(f"{name}_{code}", stemmed.term)
            for code in self.languages
            for stemmed in tokens(token.word, code)
            for name in WORD_FIELDS
        )

    def nearest(self, folded: str) -> list[str]:
        return [word for code in self.languages for word in self.snapshot.lexicon(code).similar_words(folded, 1)]

    def candidates(self, folded: str, code: str) -> list[str]:
        return self.snapshot.lexicon(code).similar_words(folded, MAX_ALTERNATIVES)

    def written_form(self, word: str) -> str:
        """Return the most frequent spelling of a word in current documents of the first language; "" for none.

        A search counts the documents, since the lexicon contains words of deleted documents until segments are merged.
        """
        code = self.languages[0]
        forms = self.snapshot.lexicon(code).forms.get(fold(word), ())
        counts = {form: number for form in forms if (number := self._count(f"words_{code}", form))}
        return max(counts, key=lambda form: (counts[form], form), default="")

    def _count(self, field: str, term: str) -> int:
        clauses = [(Occur.Must, Query.term_query(schema(), field, term, "basic")), (Occur.Must, not_expired())]
        return int(self.snapshot.searcher.search(Query.boolean_query(clauses), 1).count)  # type: ignore[attr-defined]


def _alternatives_of_word(terms: Sequence[QueryTerm]) -> int:
    """Return how many alternatives each word of a query may have."""
    number = sum(len(term.tokens) for term in terms)
    return min(MAX_ALTERNATIVES, MAX_ALTERNATIVES_OF_QUERY // max(1, number))


@dataclass(frozen=True)
class QueryBuilder:
    """A builder of queries for one state of the index. One search builds several, from the same interpretations."""

    snapshot: Snapshot
    _interpretations: dict[tuple[str, str], list[QueryTerm]] = field(default_factory=dict, repr=False)
    _respelled: dict[str, str] = field(default_factory=dict, repr=False)
    _schema: Schema = field(default_factory=schema, repr=False)

    def build(self, words: QueryWords, languages: Sequence[str], level: RelaxationLevel = RelaxationLevel.ALL) -> Query:
        """Return a query that scores documents by the words, in any of the languages; it matches all without words."""
        required = [self._best_of(self._phrase(phrase, code) for code in languages) for phrase in words.phrases]
        excluded = [self._best_of(self._phrase(word, code) for code in languages) for word in words.excluded]
        if words.text:
            boosts = {words.text: 1.0}
            boosts.setdefault(self.respelled(words.text, languages), ranking().words["respelled"])
            required.append(
                self._best_of(
                    Query.boost_query(self._text(text, code, languages, level), boost)
                    for text, boost in boosts.items()
                    for code in languages
                    if self.snapshot.has_words(code)
                )
            )
        if not required:
            required.append(Query.all_query())
        clauses = [(Occur.Must, query) for query in required] + [(Occur.MustNot, query) for query in excluded]
        return Query.boolean_query(clauses)

    def respelled(self, text: str, languages: Sequence[str]) -> str:
        """Return the text with corrected spelling."""
        if text not in self._respelled:
            vocabulary = EmbeddedVocabulary(self.snapshot, languages)
            self._respelled[text] = correct_spelling(text, languages, vocabulary)
        return self._respelled[text]

    def _terms(self, text: str, code: str, languages: Sequence[str]) -> list[QueryTerm]:
        if (text, code) not in self._interpretations:
            self._interpretations[text, code] = interpret_query(text, code, languages)
        return self._interpretations[text, code]

    def unknown_words(self, words: QueryWords, languages: Sequence[str]) -> list[Token]:
        """Return the words that no document contains in any of the languages."""
        return [
            token
            for token in tokens(words.text, languages[0])
            if not any(token.folded in self.snapshot.lexicon(code) for code in languages)
        ]

    def matching_terms(
        self, words: QueryWords, code: str, languages: Sequence[str], level: RelaxationLevel
    ) -> frozenset[str]:
        """Return every term by which a document in the language `code` may match, for highlighting."""
        found = {token.term for phrase in words.phrases for token in tokens(phrase, code)}
        terms = self._terms(words.text, code, languages)
        limit = _alternatives_of_word(terms)
        for term in terms:
            for token in term.tokens:
                found |= self._term_boosts(token, code, languages, level, limit).keys()
            for expansion in term.expansions:
                found.update(expansion.terms)
        return frozenset(found)

    def _text(self, text: str, code: str, languages: Sequence[str], level: RelaxationLevel) -> Query:
        """Match a text that is interpreted in the language `code`, in the documents of that language."""
        terms = self._terms(text, code, languages)
        if not terms:
            return Query.empty_query()
        required, optional = [], []
        limit = _alternatives_of_word(terms)
        for term in terms:
            query = self._term(term, code, languages, level, limit)
            if term.is_optional:
                optional.append((Occur.Should, Query.boost_query(query, ranking().words["optional"])))
            else:
                required.append((Occur.Should, query))
        words = [token for term in terms for token in term.tokens]
        bonuses = [(Occur.Should, bonus) for bonus in self._proximity_bonuses(words, code)]
        matching = self._at_least(required or optional, required_term_count(terms, level))
        return Query.boolean_query([(Occur.Must, matching), *(optional if required else ()), *bonuses])

    @staticmethod
    def _at_least(clauses: list[tuple[Occur, Query]], number: int) -> Query:
        return Query.boolean_query(clauses, minimum_number_should_match=max(number, 1))

    def _term(self, term: QueryTerm, code: str, languages: Sequence[str], level: RelaxationLevel, limit: int) -> Query:
        """Match all words of a term, or one of its expansions."""
        alternatives = [self._name(expansion.terms, code, expansion.boost, level) for expansion in term.expansions]
        words = [self._word(token, code, languages, level, limit) for token in term.tokens]
        if len(words) == 1:
            alternatives.append(words[0])
        elif words:
            # The words of the name as a phrase, or in any order with a lower boost.
            alternatives.append(self._name(tuple(token.term for token in term.tokens), code, 1.0, level))
            if level is RelaxationLevel.ANY:
                words = [self._term(part, code, languages, level, limit) for part in term.parts]
            separate_words = self._at_least(
                [(Occur.Should, word) for word in words], required_token_count(len(words), level)
            )
            alternatives.append(Query.boost_query(separate_words, ranking().words["separate_words"] / len(words)))
        return self._best_of(alternatives)

    def _name(self, terms: tuple[str, ...], code: str, boost: float, level: RelaxationLevel) -> Query:
        """Match index terms in a row in any field. A relaxed query adds the bonus of a matched term."""
        factors = ranking().fields
        best_field = self._best_of(
            Query.boost_query(self._index_terms(f"{field}_{code}", terms), factors[field]) for field in WORD_FIELDS
        )
        if level is RelaxationLevel.ALL:
            return Query.boost_query(best_field, boost)
        bonus = Query.const_score_query(Query.all_query(), ranking().words["per_matched_term"])
        return Query.boost_query(Query.boolean_query([(Occur.Must, best_field), (Occur.Must, bonus)]), boost)

    def _word(self, token: Token, code: str, languages: Sequence[str], level: RelaxationLevel, limit: int) -> Query:
        """Match a word in any of its forms, with a bonus for its exact form."""
        alternatives = [
            self._name((term,), code, boost, level)
            for term, boost in self._term_boosts(token, code, languages, level, limit).items()
        ]
        exact = ranking().words["exact_form"]
        forms = dict.fromkeys([token.word, *self._forms(token, code)])
        bonuses = [(Occur.Should, Query.boost_query(self._index_term(f"words_{code}", form), exact)) for form in forms]
        return Query.boolean_query([(Occur.Must, self._best_of(alternatives)), *bonuses])

    def _forms(self, token: Token, code: str) -> list[str]:
        """Return spellings of a word in documents of a language."""
        return self.snapshot.lexicon(code).forms.get(token.folded, [])[:MAX_FORMS]

    def _term_boosts(
        self, token: Token, code: str, languages: Sequence[str], level: RelaxationLevel, limit: int
    ) -> dict[str, float]:
        """Return the index terms that a word can match, with their boosts.

        An unknown word may be the beginning of a known one, or misspelled: at most `limit` words of each kind.
        """
        lexicon = self.snapshot.lexicon(code)
        written = self._forms(token, code)
        boosts = {stemmed.term: 1.0 for word in (token.word, *written) for stemmed in tokens(word, code)}
        boosts = boosts or {token.term: 1.0}
        vocabulary = EmbeddedVocabulary(self.snapshot, languages)
        is_known = (
            vocabulary.has_word(token.folded) or in_vocabulary(token.folded, languages) or vocabulary.has_stem(token)
        )
        guesses: list[tuple[str, float]] = []
        is_known_here = bool(written) or in_vocabulary(token.folded, (code,))
        may_be_prefix = not is_known or (level is not RelaxationLevel.ALL and is_known_here)
        if len(token.folded) >= MIN_PREFIX_LENGTH and may_be_prefix:
            longer = lexicon.words_with_prefix(token.folded, limit)
            guesses += [(word, ranking().words["prefix"]) for word in longer]
        if not is_known:
            similar = lexicon.similar_words(token.folded, limit)
            guesses += [(word, ranking().words["typing_error"]) for word in similar]
        for word, boost in guesses:
            for guess in tokens(word, code):
                boosts.setdefault(guess.term, boost)
        return boosts

    def _proximity_bonuses(self, words: list[Token], code: str) -> list[Query]:
        """Return queries that raise the score of documents in which the words stand together."""
        terms = [token.term for token in words]
        if len(terms) <= 1:
            return []
        phrases = proximity_phrases(terms)
        return [
            Query.boost_query(
                Query.phrase_query(self._schema, f"{name}_{code}", list(phrase), PHRASE_SLOP),
                ranking().fields[name] * ranking().words["phrase"] / len(phrases),
            )
            for phrase in phrases
            for name in WORD_FIELDS
        ]

    def _phrase(self, text: str, code: str) -> Query:
        """Match the words of a text in a row in any field; nothing if the language has only stop words there."""
        terms = tuple(token.term for token in tokens(text, code))
        if not terms:
            return Query.empty_query()
        factors = ranking().fields
        return self._best_of(
            Query.boost_query(self._index_terms(f"{name}_{code}", terms), factors[name]) for name in WORD_FIELDS
        )

    def _index_terms(self, field: str, terms: tuple[str, ...]) -> Query:
        if len(terms) == 1:
            return self._index_term(field, terms[0])
        return Query.phrase_query(self._schema, field, list(terms), 0 if field.startswith("words") else 1)

    def _index_term(self, field: str, term: str) -> Query:
        return Query.term_query(self._schema, field, term, "freq")

    @staticmethod
    def _best_of(queries: Iterable[Query]) -> Query:
        """Return a query whose score is that of its best alternative plus a share of the others."""
        return Query.disjunction_max_query(list(queries), TIE_BREAKER)
