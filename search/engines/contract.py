"""The contract of the search engines. `tests/search/engines/` runs one test suite over all engines."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from search.query.completion_ranking import Completion
from search.query.search_query import SearchQuery
from search.search_documents import SearchDocument, document_key

# With fewer hits than this an answer suggests a corrected spelling.
SUGGESTION_THRESHOLD = 3
MAX_FACET_VALUES = 100


class EngineUnavailable(Exception):
    """Raised when the engine does not answer in time. `retry_after` is in seconds."""

    retry_after = 5


class IndexDamaged(EngineUnavailable):
    """Raised when the files of an index are gone or damaged, so that only a new index can answer."""


@dataclass(frozen=True)
class Hit:
    """A document of an answer. `fragments` are safe HTML with the matches in `<mark>`.

    `is_promoted` is True if somebody promoted the document for these words. `is_related` is True if the document does
    not match and was added because it is like the best hit: such hits are not counted, and they fill the page of
    the last match.
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
    """One page of hits, the number of all hits, and (value, count) by facet, the largest count first.

    `suggestion` is the query with corrected spelling; "" if the words are known or many documents match. `is_partial`
    is True if a complete answer may have more or other hits: the engine was too slow, or has lost a language.
    """

    count: int
    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]]
    suggestion: str = ""
    is_partial: bool = False


@dataclass(frozen=True)
class Withdrawal:
    """A document that is no longer public, and the sequence number of this change in the feed."""

    content_id: str
    locale: str
    sequence: int


@dataclass(frozen=True)
class Applied:
    """The exceptions among the changes that an engine was given, by document key.

    `refused` are the sequence numbers of changes that are older than what the index has. `failed` are the errors of
    documents that cannot be converted or stored: the index has no version of them any more.
    """

    refused: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Engine(Protocol):
    """One index. Every method raises EngineUnavailable if the engine does not answer."""

    @property
    def name(self) -> str: ...

    @property
    def lacks_languages(self) -> bool:
        """True if a part of the index was missing when it was looked up. Sends no request."""
        ...

    def missing_languages(self) -> list[str]:
        """Return the codes of the languages whose part of the index is lost. The others still answer.

        A part that cannot be read for a moment, while a server starts, is not lost.
        """
        ...

    def unavailable_languages(self) -> list[str]:
        """Return the codes of the languages that cannot be searched now, lost or not."""
        ...

    def write_lock(self) -> AbstractContextManager[None]:
        """Return a lock to hold from reading the feed until its changes are applied.

        It keeps an older state from overwriting a newer one, and the mark of the index equal to that of its cursor.
        """
        ...

    def mark(self) -> str:
        """Return the mark that was set last; "" for a new index."""
        ...

    def set_mark(self, mark: str) -> None:
        """Store a mark in the index, after the changes that it stands for."""
        ...

    def apply(self, documents: Iterable[SearchDocument], withdrawn: Iterable[Withdrawal]) -> Applied:
        """Replace documents and remove withdrawn ones; return the exceptions. Readers see the changes within a second.

        An engine that stores the sequence number as a version refuses a change if it has a newer version of the
        document. A document that cannot be indexed is removed. Changes in a missing language are skipped.

        Applying the same changes again changes nothing. After an error a part of the changes may be applied: apply all
        of them again.
        """
        ...

    def search(self, query: SearchQuery, *, highlight: bool = False) -> Answer:
        """Return the complete answer, or a partial one that says so and has hits.

        Raises EngineUnavailable instead of a partial answer without hits, or without the requested language.
        """
        ...

    def suggest(self, prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
        """Return titles in the language, names of professions in it, and places, ordered by `rank_completions`.

        They come from documents that a search in the language, filtered by the department if it is given, may show:
        the same search for a completion has hits.
        """
        ...

    def similar(self, content_id: str, locale: str, limit: int) -> list[Hit]: ...

    def counts(self) -> dict[tuple[str, str, str], int]:
        """Return the number of documents by (department, type, locale)."""
        ...

    def clear(self) -> None:
        """Remove every document."""
        ...


class IndexStore(Protocol):
    """The indexes of an instance. One of them is live: it answers queries. Raises EngineUnavailable as engines do."""

    # Differences between the engines, for `/api/v1/search/capabilities/`.
    capabilities: dict[str, object]

    def names(self) -> list[str]: ...

    def live_name(self) -> str:
        """Return the name of the live index; "" if there is none."""
        ...

    def live_engine(self) -> Engine | None:
        """Return the live index, or the one that was live a second ago; None if there is none."""
        ...

    def open(self, name: str) -> Engine:
        """Return an index; create it empty if it does not exist."""
        ...

    def make_live(self, name: str) -> None:
        """Make another index live, from one query to the next."""
        ...

    def remove(self, name: str) -> None: ...
