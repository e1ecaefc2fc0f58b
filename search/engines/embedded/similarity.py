"""What is like a document: others in its language that share the words which tell it apart."""

from __future__ import annotations

from collections import Counter

from tantivy import Occur, Query, Searcher

from search.analysis.tokens import tokens
from search.documents import document_key
from search.engines.contract import Hit

from .schema import schema
from .snapshot import Snapshot, is_current, narrowing, one_of

TELLING_TERMS = 25
BOOSTS = {"title": 3.0, "names": 1.5, "text": 1.0}


def similar_hits(snapshot: Snapshot, content_id: str, locale: str, limit: int) -> list[Hit]:
    """Return up to `limit` other contents in the language, the likest first; [] for an unknown document."""
    searcher = snapshot.searcher
    key = Query.term_query(schema(), "key", document_key(content_id, locale))
    hits = searcher.search(key, 1).hits
    if not hits:
        return []
    row = snapshot.row(hits[0][1])
    either = [
        (Occur.Should, Query.boost_query(Query.term_query(schema(), f"{name}_{locale}", term, "freq"), boost))
        for term in _telling_terms(searcher, f"{row.title} {row.text}", locale)
        for name, boost in BOOSTS.items()
    ]
    if not either:
        return []
    whole = Query.boolean_query(
        [
            (Occur.Must, Query.boolean_query(either)),
            (Occur.MustNot, one_of("content", (content_id,))),
            *narrowing(one_of("locale", (locale,)), is_current()),
        ]
    )
    result = searcher.search(whole, limit, False, weight_by_field="weight")
    return [snapshot.row(address).hit(score) for score, address in result.hits]


def _telling_terms(searcher: Searcher, text: str, locale: str) -> list[str]:
    """Return the terms that stand often here and seldom elsewhere; a term of no other document joins nothing."""
    counts = Counter(token.term for token in tokens(text, locale))

    def worth(term: str) -> float:
        shared = sum(searcher.doc_freq(f"{name}_{locale}", term) for name in BOOSTS)
        return counts[term] * (searcher.num_docs / shared) ** 0.5 if shared > 1 else 0.0

    return sorted(counts, key=lambda term: (-worth(term), term))[:TELLING_TERMS]
