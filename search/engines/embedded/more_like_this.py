"""What is like a document: others in its language that share the words which tell it apart."""

from __future__ import annotations

from collections import Counter

from tantivy import Occur, Query, Searcher

from search.engines.contract import Hit
from search.engines.relevance_feedback import MAX_DISCRIMINATING_TERMS
from search.linguistics.tokens import tokens
from search.query.highlighting import MAX_ANALYZED_CHARACTERS
from search.search_documents import document_key

from .schema import schema
from .snapshot import Snapshot, StoredDocument, any_value, non_scoring, not_expired

BOOSTS = {"title": 3.0, "names": 1.5, "text": 1.0}


def similar_hits(snapshot: Snapshot, content_id: str, locale: str, limit: int) -> list[Hit]:
    """Return up to `limit` other contents in the language, the likest first; [] for an unknown document."""
    key = Query.term_query(schema(), "key", document_key(content_id, locale))
    hits = snapshot.searcher.search(key, 1).hits
    if not hits:
        return []
    others = [
        (Occur.Must, more_like_this(snapshot, snapshot.stored_document(hits[0][1]))),
        (Occur.MustNot, any_value("content", (content_id,))),
    ]
    whole = Query.boolean_query([*others, *non_scoring(not_expired())])
    result = snapshot.searcher.search(whole, limit, False, weight_by_field="weight")
    return [snapshot.stored_document(address).hit(score) for score, address in result.hits]


def more_like_this(snapshot: Snapshot, row: StoredDocument, *, share: float = 1.0) -> Query:
    """Match the documents in a document's language that have words which tell it apart, itself among them.

    `share` is how many of the documents in that language may have such a word.
    """
    most = share * snapshot.searcher.doc_freq("locale", row.locale)
    either = [
        (Occur.Should, Query.boost_query(Query.term_query(schema(), f"{name}_{row.locale}", term, "freq"), boost))
        for term in _telling_terms(
            snapshot.searcher, f"{row.title} {row.text}"[:MAX_ANALYZED_CHARACTERS], row.locale, most
        )
        for name, boost in BOOSTS.items()
    ]
    if not either:
        return Query.empty_query()
    return Query.boolean_query(
        [(Occur.Must, Query.boolean_query(either)), *non_scoring(any_value("locale", (row.locale,)))]
    )


def _telling_terms(searcher: Searcher, text: str, locale: str, most: float) -> list[str]:
    """Return the terms that stand often here and seldom elsewhere; a term of no other document joins nothing."""
    counts = Counter(token.term for token in tokens(text, locale))

    def worth_of(term: str) -> float:
        documents = [searcher.doc_freq(f"{name}_{locale}", term) for name in BOOSTS]
        is_telling = sum(documents) > 1 and max(documents) <= most
        return counts[term] * (searcher.num_docs / sum(documents)) ** 0.5 if is_telling else 0.0

    worths = {term: worth for term in counts if (worth := worth_of(term))}
    return sorted(worths, key=lambda term: (-worths[term], term))[:MAX_DISCRIMINATING_TERMS]
