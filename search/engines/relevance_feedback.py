"""Relevance feedback for queries with few hits: documents like the best hit (decision 38), the same on both engines."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from search.query.ranking import ranking
from search.query.search_query import SearchQuery

from .contract import Hit

# Limit of similar documents, the best hit among them, and of the terms by which they are found.
MAX_SIMILAR = 8
MAX_DISCRIMINATING_TERMS = 20
# A term that a larger share of the documents of a language contains does not discriminate. In a language with fewer
# documents no term does.
MAX_DOCUMENT_SHARE = 0.1
MIN_DOCUMENTS = 100
# Minimum similarity to the best hit, whose similarity to itself is 1.
MIN_SIMILARITY = 0.25


@dataclass(frozen=True)
class RelatedDocuments:
    """The documents like the best hit: score bonuses of those that match, by key, and hits for those that do not."""

    bonuses: dict[str, float]
    others: tuple[Hit, ...]

    def hits_after(self, query: SearchQuery, count: int) -> list[Hit]:
        """Return the related hits that fill the page after the last of `count` matches."""
        room = query.offset + query.limit - count
        others = [hit for hit in self.others if hit.key not in query.promoted]
        return others[:room] if query.offset < count and room > 0 else []


NO_RELATED_DOCUMENTS = RelatedDocuments({}, ())


def related_documents(
    similar: Sequence[Hit], best_score: float, matching_keys: Container[str], *, is_enough: bool
) -> RelatedDocuments:
    """Return the related documents among `similar`, whose scores are similarities and whose first is the best hit.

    `best_score` is the score of the best hit in the answer. `matching_keys` are the keys of the matches. No other
    documents are shown if there are enough matches.
    """
    similarities = {hit.key: hit.score / similar[0].score for hit in similar}
    others = [hit for hit in similar if hit.key not in matching_keys and similarities[hit.key] >= MIN_SIMILARITY]
    factor = best_score * ranking().words["related"]
    return RelatedDocuments(
        {key: factor * similarity for key, similarity in similarities.items()},
        () if is_enough else tuple(replace(hit, is_related=True) for hit in others),
    )
