"""The embedded engine: the contract of `search.engines.contract` on tantivy."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tantivy import Index, IndexWriter, Query

from search.engines.contract import Answer, Applied, EngineUnavailable, Hit, IndexDamaged, Withdrawal
from search.engines.conversion import converted
from search.query.completion_ranking import Completion
from search.query.search_query import SearchQuery
from search.search_documents import SearchDocument, document_key

from .completion import completions
from .index_folders import COMMIT_LOCK, UPDATE_LOCK, IndexFolders
from .lexicons import LexiconCache
from .more_like_this import similar_hits
from .schema import schema, tantivy_document
from .search_execution import execute_search
from .snapshot import Snapshot

WRITER_HEAP_BYTES = 64_000_000  # the writer flushes a segment when it has used them
MAX_COUNTED_VALUES = 1000


class EmbeddedStore:
    """The embedded indexes below a folder. Engines are kept, since opening an index reads files."""

    capabilities: dict[str, object] = {
        "engine": "embedded",
        "fuzziness": "a word that no document has is replaced by the nearest known words",
    }

    def __init__(self, top: Path) -> None:
        self._folders = IndexFolders(top)
        self._engines: dict[str, EmbeddedEngine] = {}

    def names(self) -> list[str]:
        return self._folders.names()

    def live_name(self) -> str:
        return self._folders.live_name()

    def live_engine(self) -> EmbeddedEngine | None:
        name = self.live_name()
        return self.open(name) if name else None

    def make_live(self, name: str) -> None:
        self._folders.make_live(name)

    def open(self, name: str) -> EmbeddedEngine:
        if name not in self._engines:
            self._engines[name] = EmbeddedEngine(self._folders, name)
        return self._engines[name]

    def remove(self, name: str) -> None:
        self._engines.pop(name, None)
        self._folders.remove(name)


class EmbeddedEngine:
    """One index. The threads of a process share an instance; any number of processes may read and write the index."""

    def __init__(self, folders: IndexFolders, name: str) -> None:
        self._name = name
        self._folders = folders
        self._lock = threading.Lock()
        folder = str(folders.folder(name))
        try:
            self._index = Index(schema(), folder)
        except ValueError as error:
            if _is_damaged(folder):
                raise IndexDamaged(f"the files of {name} are damaged: {error}") from error
            raise EngineUnavailable(f"{name} has other fields than this version writes; run search_rebuild") from error
        self._state = folders.state(name)
        self._lexicon_cache = LexiconCache()

    @property
    def name(self) -> str:
        return self._name

    @property
    def lacks_languages(self) -> bool:
        return False

    def unavailable_languages(self) -> list[str]:
        return []

    def missing_languages(self) -> list[str]:
        return []

    def write_lock(self) -> AbstractContextManager[None]:
        return self._folders.locked(self.name, UPDATE_LOCK)

    def mark(self) -> str:
        return self._folders.mark(self.name)

    def set_mark(self, mark: str) -> None:
        self._folders.set_mark(self.name, mark)

    def apply(self, documents: Iterable[SearchDocument], withdrawn: Iterable[Withdrawal]) -> Applied:
        failed: dict[str, str] = {}
        with self._writer() as writer:
            for withdrawal in withdrawn:
                key = document_key(withdrawal.content_id, withdrawal.locale)
                writer.delete_documents_by_term("key", key)
            for document in documents:
                writer.delete_documents_by_term("key", document.key)
                if (row := converted(document.key, partial(tantivy_document, document), failed)) is not None:
                    writer.add_document(row)
        return Applied(failed=failed)  # It replaces any version.

    def clear(self) -> None:
        with self._writer() as writer:
            writer.delete_all_documents()

    def search(self, query: SearchQuery, *, highlight: bool = False) -> Answer:
        return execute_search(self._snapshot(), query, highlight=highlight)

    def suggest(self, prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
        return completions(self._snapshot(), prefix, locale, limit, department)

    def similar(self, content_id: str, locale: str, limit: int) -> list[Hit]:
        return similar_hits(self._snapshot(), content_id, locale, limit)

    def counts(self) -> dict[tuple[str, str, str], int]:
        def by(field: str, inner: dict[str, Any] | None = None) -> dict[str, Any]:
            terms = {"terms": {"field": field, "size": MAX_COUNTED_VALUES}}
            return {field: {**terms, **({"aggs": inner} if inner else {})}}

        aggregation = by("owner", by("type", by("locale")))
        result = self._snapshot().searcher.aggregate(Query.all_query(), aggregation)
        return {
            (owner["key"], document_type["key"], locale["key"]): locale["doc_count"]
            for owner in result["owner"]["buckets"]
            for document_type in owner["type"]["buckets"]
            for locale in document_type["locale"]["buckets"]
        }

    @contextmanager
    def _writer(self) -> Iterator[IndexWriter]:
        """Yield the only writer of the index; commit its changes at the end, or none of them after an error."""
        with self._folders.locked(self.name, COMMIT_LOCK):
            # The index is opened again, since another process may have committed since.
            writer = Index(schema(), str(self._folders.folder(self.name))).writer(WRITER_HEAP_BYTES, 1)
            try:
                try:
                    yield writer
                except BaseException:
                    writer.rollback()
                    raise
                writer.commit()
            finally:
                # It ends the writer, which holds a lock. Who keeps the error would keep the writer alive.
                writer.wait_merging_threads()

    def _snapshot(self) -> Snapshot:
        """Return the newest state that any process has committed."""
        state = self._folders.state(self.name)
        with self._lock:
            if state != self._state:
                try:
                    self._index.reload()
                except ValueError as error:
                    raise IndexDamaged(f"the files of {self.name} are gone or damaged: {error}") from error
                self._state = state
            return Snapshot(self._index.searcher(), self._lexicon_cache, hash(state))


def _is_damaged(folder: str) -> bool:
    """Return True if an index cannot be opened, even with the fields that it has."""
    try:
        Index.open(folder)
    except ValueError:
        return True
    return False
