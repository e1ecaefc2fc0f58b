"""What is like the best hit of a question that few documents answer (decision 54), the same on every engine."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from search.query.ranking import ranking
from search.query.search_query import SearchQuery

from .contract import Hit

# So many documents are taken for like another, that one among them, by so many of its words.
MAX_SIMILAR = 8
MAX_DISCRIMINATING_TERMS = 20
# A word that a larger share of the documents of a language has tells nothing apart, and none does where there are few.
MAX_DOCUMENT_SHARE = 0.1
MIN_DOCUMENTS = 100
# How like the best hit, which is as like itself as can be, something must be.
MIN_SIMILARITY = 0.25


@dataclass(frozen=True)
class RelatedDocuments:
    """What is like the best hit: by key what is added to the score of what matches, and as hits what does not match."""

    bonuses: dict[str, float]
    others: tuple[Hit, ...]

    def hits_after(self, query: SearchQuery, count: int) -> list[Hit]:
        """Return what is shown after the `count` hits that match: on the page of the last, as far as there is room."""
        room = query.offset + query.limit - count
        others = [hit for hit in self.others if hit.key not in query.promoted]
        return others[:room] if query.offset < count and room > 0 else []


NO_RELATED_DOCUMENTS = RelatedDocuments({}, ())


def related_documents(
    alike: Sequence[Hit], best: float, matching: Container[str], *, is_enough: bool
) -> RelatedDocuments:
    """Return what to make of hits that score their likeness; the first of them is the best hit, as like as can be.

    `best` is the score of the best hit in the answer, `matching` has the keys of the few that match. Where these are
    enough, nothing else is shown.
    """
    shares = {hit.key: hit.score / alike[0].score for hit in alike}
    near = [hit for hit in alike if hit.key not in matching and shares[hit.key] >= MIN_SIMILARITY]
    return RelatedDocuments(
        {key: best * ranking().words["related"] * share for key, share in shares.items()},
        () if is_enough else tuple(replace(hit, is_related=True) for hit in near),
    )
