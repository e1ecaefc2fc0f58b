"""Documents similar to one: those in its language that contain its discriminating terms."""

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

FIELD_BOOSTS = {"title": 3.0, "names": 1.5, "text": 1.0}


def similar_hits(snapshot: Snapshot, content_id: str, locale: str, limit: int) -> list[Hit]:
    """Return up to `limit` other contents in the language, the most similar first; [] for an unknown document."""
    key = Query.term_query(schema(), "key", document_key(content_id, locale))
    hits = snapshot.searcher.search(key, 1).hits
    if not hits:
        return []
    others = [
        (Occur.Must, more_like_this(snapshot, snapshot.stored_document(hits[0][1]))),
        (Occur.MustNot, any_value("content", (content_id,))),
    ]
    query = Query.boolean_query([*others, *non_scoring(not_expired())])
    result = snapshot.searcher.search(query, limit, False, weight_by_field="weight")
    return [snapshot.stored_document(address).hit(score) for score, address in result.hits]


def more_like_this(snapshot: Snapshot, document: StoredDocument, *, max_share: float = 1.0) -> Query:
    """Match the documents in the language of a document that contain its discriminating terms, itself among them.

    A term that a larger share than `max_share` of the documents in that language contains does not discriminate.
    """
    max_documents = max_share * snapshot.searcher.doc_freq("locale", document.locale)
    text = f"{document.title} {document.text}"[:MAX_ANALYZED_CHARACTERS]
    clauses = [
        (Occur.Should, Query.boost_query(Query.term_query(schema(), f"{name}_{document.locale}", term, "freq"), boost))
        for term in _discriminating_terms(snapshot.searcher, text, document.locale, max_documents)
        for name, boost in FIELD_BOOSTS.items()
    ]
    if not clauses:
        return Query.empty_query()
    same_language = non_scoring(any_value("locale", (document.locale,)))
    return Query.boolean_query([(Occur.Must, Query.boolean_query(clauses)), *same_language])


def _discriminating_terms(searcher: Searcher, text: str, locale: str, max_documents: float) -> list[str]:
    """Return the terms that are frequent in the text and rare in the index, except those of no other document."""
    counts = Counter(token.term for token in tokens(text, locale))

    def score_of(term: str) -> float:
        frequencies = [searcher.doc_freq(f"{name}_{locale}", term) for name in FIELD_BOOSTS]
        is_discriminating = sum(frequencies) > 1 and max(frequencies) <= max_documents
        return counts[term] * (searcher.num_docs / sum(frequencies)) ** 0.5 if is_discriminating else 0.0

    scores = {term: score for term in counts if (score := score_of(term))}
    return sorted(scores, key=lambda term: (-scores[term], term))[:MAX_DISCRIMINATING_TERMS]
