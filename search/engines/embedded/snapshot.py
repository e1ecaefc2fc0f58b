"""One state of an index, as a reader sees it: rows, words, and what narrows every query."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tantivy import DocAddress, FieldType, Occur, Query, Searcher

from search.engines.contract import Hit
from search.linguistics.spelling import Lexicon
from search.search_documents import document_key

from .lexicons import LexiconCache
from .schema import schema


@dataclass(frozen=True)
class StoredDocument:
    """What an index has stored of a document."""

    content_id: str
    locale: str
    type: str
    title: str
    text: str
    sequence: int

    @property
    def key(self) -> str:
        return document_key(self.content_id, self.locale)

    def hit(self, score: float) -> Hit:
        return Hit(self.content_id, self.locale, score)


@dataclass(frozen=True)
class Snapshot:
    """A searcher and the lexicons that fit it."""

    searcher: Searcher
    lexicon_cache: LexiconCache
    generation: int

    def lexicon(self, code: str, field: str = "words") -> Lexicon:
        return self.lexicon_of(f"{field}_{code}")

    def has_words(self, code: str) -> bool:
        """Whether a document is in a language or has names in it; a language without is not worth a query."""
        return bool(self.searcher.doc_freq("locale", code) or self.lexicon(code).frequencies)

    def lexicon_of(self, field: str) -> Lexicon:
        return self.lexicon_cache.get(self.searcher, self.generation, field)

    def names_of(self, address: DocAddress) -> dict[str, list[str]]:
        """Return what a profession is called, by language; {} for anything else."""
        stored = self.searcher.doc(address).to_dict().get("raw_labels")
        return json.loads(bytes(stored[0])) if stored else {}

    def stored_document(self, address: DocAddress) -> StoredDocument:
        stored = self.searcher.doc(address).to_dict()

        def first(name: str) -> Any:
            return stored[name][0]

        content_id, _colon, locale = first("key").partition(":")
        title, text = (bytes(first(name)).decode() for name in ("raw_title", "raw_text"))
        return StoredDocument(content_id, locale, first("kind"), title, text, first("sequence"))


def not_expired() -> Query:
    """Return what keeps documents whose time is not over; the feed tells nobody when it is."""
    return at_least("expires", int(time.time()) + 1)


def at_least(field: str, value: int) -> Query:
    return Query.range_query(schema(), field, FieldType.Integer, value, None)


def at_most(field: str, value: int) -> Query:
    return Query.range_query(schema(), field, FieldType.Integer, None, value)


def any_value(field: str, values: Sequence[str]) -> Query:
    return any_of(*(Query.term_query(schema(), field, value) for value in values))


def in_first_available_language(locales: Sequence[str]) -> Query:
    """Keep each content in the first language of the chain that it has."""
    steps = []
    for place, code in enumerate(locales):
        better = [(Occur.MustNot, Query.term_query(schema(), "available", each)) for each in locales[:place]]
        step = Query.boolean_query([(Occur.Must, Query.term_query(schema(), "locale", code)), *better])
        steps.append((Occur.Should, step))
    return Query.boolean_query(steps)


def any_of(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def non_scoring(*conditions: Query) -> list[tuple[Occur, Query]]:
    """Return conditions as parts of a query that leave its scores as they are."""
    return [(Occur.Must, Query.const_score_query(condition, 0.0)) for condition in conditions]
