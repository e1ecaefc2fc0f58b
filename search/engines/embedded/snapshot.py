"""One state of an index for reading: stored documents, lexicons, and the filters of every query."""

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
    """The fields of a document that an index stores."""

    content_id: str
    locale: str
    type: str
    title: str
    text: str

    @property
    def key(self) -> str:
        return document_key(self.content_id, self.locale)

    def hit(self, score: float) -> Hit:
        return Hit(self.content_id, self.locale, score)


@dataclass(frozen=True)
class Snapshot:
    """A searcher with its lexicons. `generation` identifies the state of the index."""

    searcher: Searcher
    lexicon_cache: LexiconCache
    generation: int

    def lexicon(self, code: str) -> Lexicon:
        """Return the words of a language as they are written."""
        return self.field_lexicon(f"words_{code}")

    def has_words(self, code: str) -> bool:
        """Return True if the index has words of the language; a language without words needs no query."""
        return bool(self.searcher.doc_freq("locale", code) or self.lexicon(code).frequencies)

    def field_lexicon(self, field: str) -> Lexicon:
        return self.lexicon_cache.get(self.searcher, self.generation, field)

    def profession_names(self, address: DocAddress) -> dict[str, list[str]]:
        """Return the names of a profession by language; {} for other documents."""
        stored = self.searcher.doc(address).to_dict().get("raw_labels")
        return json.loads(bytes(stored[0])) if stored else {}

    def stored_document(self, address: DocAddress) -> StoredDocument:
        stored = self.searcher.doc(address).to_dict()

        def first(name: str) -> Any:
            return stored[name][0]

        content_id, _colon, locale = first("key").partition(":")
        title, text = (bytes(first(name)).decode() for name in ("raw_title", "raw_text"))
        return StoredDocument(content_id, locale, first("kind"), title, text)


def not_expired() -> Query:
    """Match the documents that have not expired. Expiry is no change of the feed, so each query filters by time."""
    return at_least("expires", int(time.time()) + 1)


def at_least(field: str, value: int) -> Query:
    return Query.range_query(schema(), field, FieldType.Integer, value, None)


def at_most(field: str, value: int) -> Query:
    return Query.range_query(schema(), field, FieldType.Integer, None, value)


def any_value(field: str, values: Sequence[str]) -> Query:
    """Match the documents that have one of the values in a field."""
    return any_of(*(Query.term_query(schema(), field, value) for value in values))


def in_first_available_language(locales: Sequence[str]) -> Query:
    """Match each content only in the first of the languages in which it is published."""
    alternatives = []
    for index, code in enumerate(locales):
        preferred = [(Occur.MustNot, Query.term_query(schema(), "available", other)) for other in locales[:index]]
        only_here = Query.boolean_query([(Occur.Must, Query.term_query(schema(), "locale", code)), *preferred])
        alternatives.append((Occur.Should, only_here))
    return Query.boolean_query(alternatives)


def any_of(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def non_scoring(*filters: Query) -> list[tuple[Occur, Query]]:
    """Return the filters as required, non-scoring clauses."""
    return [(Occur.Must, Query.const_score_query(condition, 0.0)) for condition in filters]
