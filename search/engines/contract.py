"""What every engine does. `tests/search/engines/` runs one suite over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from search.query.completion_ranking import Completion
from search.query.search_query import SearchQuery
from search.search_documents import SearchDocument, document_key

# With fewer hits than this an answer says what was probably meant.
SUGGESTION_THRESHOLD = 3
MAX_FACET_VALUES = 100  # values of a facet


class EngineUnavailable(Exception):
    """The engine does not answer, or not in time; `retry_after` is in seconds."""

    retry_after = 5


@dataclass(frozen=True)
class Hit:
    """A document that was found; `fragments` are HTML-safe and mark what matched with `<mark>`.

    `is_promoted` says that it comes first because somebody wants it to, `is_related` that it does not match and comes
    for being like the best hit: such hits are not counted, and stand after the last that match if there is room.
    """

    content_id: str
    locale: str
    score: float
    fragments: dict[str, str] = field(default_factory=dict)
    is_promoted: bool = False
    is_related: bool = False

    @property
    def key(self) -> str:
        return document_key(self.content_id, self.locale)


@dataclass(frozen=True)
class Answer:
    """Hits of one page of results, how many there are in all, and counts by facet, the largest first.

    `suggestion` is what was probably meant, "" when the words are known or many documents match.
    """

    count: int
    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]]
    suggestion: str = ""


@dataclass(frozen=True)
class Withdrawal:
    """A document that is public no more, and the number of that change in the feed."""

    content_id: str
    locale: str
    sequence: int


class Engine(Protocol):
    """One index. Every method raises EngineUnavailable when the engine does not answer."""

    @property
    def name(self) -> str: ...

    def write_lock(self) -> AbstractContextManager[None]:
        """Hold this while reading the feed and applying what it says, so that an older state never comes after a newer.

        An engine that tells states apart by their sequence numbers has nothing to hold.
        """
        ...

    def apply(self, documents: Iterable[SearchDocument], withdrawn: Iterable[Withdrawal]) -> None:
        """Put documents in the place of older ones and remove what is withdrawn.

        Done again it changes nothing. Readers see it within a second. When it raises, what it has done so far may be
        there or not: it is to be done again.
        """
        ...

    def search(self, query: SearchQuery, *, highlight: bool = False) -> Answer: ...

    def suggest(self, prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
        """Return titles in the language, what professions are called in it, and places, in the order of `arranged`.

        Only of documents that a search in that language, narrowed to the department if there is one, may show: each
        completion, searched there, finds something.
        """
        ...

    def similar(self, content_id: str, locale: str, limit: int) -> list[Hit]: ...

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Return how many documents there are by department, type and locale."""
        ...

    def sequences(self, keys: Sequence[str]) -> dict[str, int]:
        """Return the sequence numbers of documents by key, of those that are there."""
        ...

    def clear(self) -> None:
        """Remove every document."""
        ...


class IndexStore(Protocol):
    """The indexes of an instance, one of which is live: it answers. Raises EngineUnavailable as engines do."""

    # What this engine does otherwise than the others, for `/api/v1/search/capabilities/`.
    capabilities: dict[str, object]

    def names(self) -> list[str]: ...

    def live_name(self) -> str:
        """Return the name of the live index; "" when there is none yet."""
        ...

    def live_engine(self) -> Engine | None:
        """Return the live index, or the one that was so a second ago and still answers; None when there is none yet."""
        ...

    def open(self, name: str) -> Engine:
        """Return an index, made empty when it is not there."""
        ...

    def make_live(self, name: str) -> None:
        """Have another index answer, from one query to the next."""
        ...

    def remove(self, name: str) -> None: ...
