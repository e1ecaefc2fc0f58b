"""The Elasticsearch engine: the contract of `search.engines.contract` with the official client."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.dsl import A, MultiSearch, Search
from elasticsearch.helpers import bulk

from cms.locks import process_lock
from search.engines.contract import Answer, Applied, EngineUnavailable, Hit, Withdrawal
from search.engines.conversion import converted
from search.linguistics.languages import language_codes
from search.query.completion_ranking import Completion, TypedPrefix
from search.query.search_query import SearchQuery
from search.search_documents import SearchDocument, document_key

from . import circuit_breaker, completion, query_dsl
from .circuit_breaker import (
    CREATE_TIMEOUT,
    LOOK_UP_TIMEOUT,
    SEARCH_TIMEOUT,
    WRITE_TIMEOUT,
    CircuitBreaker,
    unavailable_on_error,
)
from .document_source import document_source
from .indices import LOST_AFTER, create, create_mark_index, index_name, mark_index, unassigned_seconds
from .search_execution import ALL_SHARDS, execute_search, to_hit

logger = logging.getLogger(__name__)

INVALID, NOT_FOUND, CONFLICT = 400, 404, 409
UNKNOWN_FIELD = "strict_dynamic_mapping_exception"
MARK = "feed"  # key of the document with the mark
# Seconds for which the live index is not looked up again. An index that is no longer live still answers.
LIVE_ENGINE_MAX_AGE = 1.0
MAX_STALE = 10  # times that age, for which it is used while the cluster does not answer
CHUNK = 500
CHUNK_BYTES = 10 << 20


class ElasticsearchStore:
    """The indexes of one instance in a cluster. The alias `<prefix>-live` points to the live one."""

    capabilities: dict[str, object] = {
        "engine": "elasticsearch",
        "fuzziness": "a word that no document has matches words that differ by a letter, by two from eight letters on",
    }

    def __init__(self, _folder: Path, prefix: str = "") -> None:
        self.client = Elasticsearch(
            settings.ELASTICSEARCH_URL, request_timeout=SEARCH_TIMEOUT, max_retries=0, retry_on_timeout=False
        )
        self._prefix = prefix or settings.ELASTICSEARCH_PREFIX
        self._circuit_breaker = CircuitBreaker()
        self._opened: set[str] = set()
        self._live_engine: tuple[float, ElasticsearchEngine] | None = None
        self._look_up = threading.Lock()

    def names(self) -> list[str]:
        with unavailable_on_error():
            indices = self.client.indices.get_alias(index=f"{self._prefix}-*", allow_no_indices=True)
        aliases = {alias for index in indices.values() for alias in index["aliases"]}
        return sorted(alias.removeprefix(f"{self._prefix}-") for alias in aliases - {self._live_alias})

    def live_name(self) -> str:
        return self._live_name(self._live_indices())

    def _live_indices(self) -> dict[str, Any]:
        """Return the aliases of the indices behind the live alias, by index; {} if there are none."""
        client = self.client.options(request_timeout=LOOK_UP_TIMEOUT, ignore_status=NOT_FOUND)
        with self._circuit_breaker.call():
            indices: dict[str, Any] = client.indices.get_alias(index=self._live_alias).body
        return {} if "error" in indices else indices

    def _live_name(self, indices: dict[str, Any]) -> str:
        aliases = {alias for index in indices.values() for alias in index["aliases"]} - {self._live_alias}
        return min(aliases).removeprefix(f"{self._prefix}-") if aliases else ""

    def _without_shards(self) -> set[str]:
        """Return the live indices that have no shard to search. They are asked for after a failure only."""
        client = self.client.options(request_timeout=LOOK_UP_TIMEOUT)
        with self._circuit_breaker.call():
            health = client.cluster.health(index=self._live_alias, level="indices", timeout="0s")
        lost = {index for index, state in health["indices"].items() if state["status"] == "red"}
        self._circuit_breaker.suspects_shards = bool(lost)
        return lost

    def live_engine(self) -> ElasticsearchEngine | None:
        known = self._live_engine
        if known is not None and time.monotonic() - known[0] < LIVE_ENGINE_MAX_AGE:
            return known[1]
        # One thread looks it up; the others go on with the index that they know.
        if not self._look_up.acquire(blocking=known is None):
            return known[1] if known else None
        try:
            found = self._find_live_engine()
        except EngineUnavailable:
            if known is None or time.monotonic() - known[0] > LIVE_ENGINE_MAX_AGE * MAX_STALE:
                raise
            return known[1]  # A busy cluster was late. If it is away, the search notices.
        finally:
            self._look_up.release()
        self._live_engine = (time.monotonic(), found) if found else None
        return found

    def _find_live_engine(self) -> ElasticsearchEngine | None:
        indices = self._live_indices()
        name = self._live_name(indices)
        if not name:
            return None
        lost = self._without_shards() if self._circuit_breaker.suspects_shards else set()
        # Readers never create an index.
        engine = ElasticsearchEngine(self.client, self._prefix, name, self._circuit_breaker)
        engine.set_existing(indices.keys() - lost)
        return engine

    def make_live(self, name: str) -> None:
        self._live_engine = None
        with unavailable_on_error():
            old = self.client.indices.get_alias(index=f"{self._prefix}-*", allow_no_indices=True)
            actions: list[dict[str, Any]] = [
                {"remove": {"index": index, "alias": self._live_alias}}
                for index, index_aliases in old.items()
                if self._live_alias in index_aliases["aliases"]
            ]
            alias = f"{self._prefix}-{name}"
            actions += [
                {"add": {"index": index, "alias": self._live_alias}}
                for index, index_aliases in old.items()
                if alias in index_aliases["aliases"]
            ]
            self.client.indices.update_aliases(actions=actions)

    def open(self, name: str) -> ElasticsearchEngine:
        if name not in self._opened:
            client = self.client.options(request_timeout=CREATE_TIMEOUT)
            with unavailable_on_error():
                # If one of its indices is lost, it is not created empty: the index would look complete.
                if not client.indices.exists_alias(name=f"{self._prefix}-{name}"):
                    create(client, f"{self._prefix}-{name}")
            self._opened.add(name)
        return ElasticsearchEngine(self.client, self._prefix, name, self._circuit_breaker)

    def remove(self, name: str) -> None:
        self._live_engine = None
        self._opened.discard(name)
        with unavailable_on_error():
            self.client.options(request_timeout=WRITE_TIMEOUT).indices.delete(
                index=[
                    *(index_name(f"{self._prefix}-{name}", code) for code in language_codes()),
                    mark_index(f"{self._prefix}-{name}"),
                ],
                ignore_unavailable=True,
            )

    @property
    def _live_alias(self) -> str:
        return f"{self._prefix}-live"


class ElasticsearchEngine:
    """One index of the contract: an alias for the indices of its languages."""

    def __init__(self, client: Elasticsearch, prefix: str, name: str, circuit_breaker: CircuitBreaker) -> None:
        self._client = client
        self._circuit_breaker = circuit_breaker
        self._name = name
        self._alias = f"{prefix}-{name}"
        self._missing: frozenset[str] = frozenset()

    def set_existing(self, indices: Collection[str]) -> None:
        """Store which of the indices exist and can be searched."""
        self._missing = frozenset(code for code in language_codes() if index_name(self._alias, code) not in indices)

    @property
    def lacks_languages(self) -> bool:
        return bool(self._missing)

    def missing_languages(self) -> list[str]:
        self.set_existing(self._assigned_within(LOST_AFTER))
        return sorted(self._missing)

    def unavailable_languages(self) -> list[str]:
        self.set_existing(self._assigned_within(0))
        return sorted(self._missing)

    def _assigned_within(self, seconds: float, timeout: float = WRITE_TIMEOUT) -> set[str]:
        """Return the indices that have a primary shard, or had one until some seconds ago."""
        with unavailable_on_error():
            indices = unassigned_seconds(self._client.options(request_timeout=timeout), self._alias)
        if not indices:
            raise EngineUnavailable(f"all indices of {self._alias} are gone")
        return {name for name, unassigned in indices.items() if unassigned <= seconds}

    @property
    def name(self) -> str:
        return self._name

    # --- Writing --------------------------------------------------------------------------------------------

    def write_lock(self) -> AbstractContextManager[None]:
        return process_lock(f"search index {self._alias}", wait=True)

    def mark(self) -> str:
        client = self._client.options(request_timeout=WRITE_TIMEOUT, ignore_status=NOT_FOUND)
        try:
            with unavailable_on_error():
                response = client.get(index=mark_index(self._alias), id=MARK)
        except EngineUnavailable:
            if mark_index(self._alias) in self._assigned_within(LOST_AFTER):
                raise
            return ""  # Lost, as if it were deleted.
        return response["_source"]["mark"] if response.get("found") else ""

    def set_mark(self, mark: str) -> None:
        client = self._client.options(request_timeout=WRITE_TIMEOUT)
        with unavailable_on_error():
            if mark_index(self._alias) not in self._assigned_within(LOST_AFTER):
                client.options(ignore_status=NOT_FOUND).indices.delete(index=mark_index(self._alias))
                create_mark_index(client, self._alias)
            client.index(index=mark_index(self._alias), id=MARK, document={"mark": mark})

    def apply(self, documents: Iterable[SearchDocument], withdrawn: Iterable[Withdrawal]) -> Applied:
        # A cluster creates a missing index on write, with guessed fields.
        missing = self.missing_languages()
        present = [code for code in language_codes() if code not in missing]
        withdrawn = (withdrawal for withdrawal in withdrawn if withdrawal.locale not in missing)
        documents = (document for document in documents if document.locale not in missing)
        failed: dict[str, str] = {}
        additions = (self._addition(document, failed) for document in documents)
        refused, invalid = self._write(chain(map(self._deletion, withdrawn), additions), present)
        if invalid:
            # The index keeps the earlier version of a document that it cannot store.
            self._write([self._deletion(withdrawal) for withdrawal, _error in invalid], present)
            for withdrawal, error in invalid:
                key = document_key(withdrawal.content_id, withdrawal.locale)
                logger.error("The search index cannot store the document %s: %s", key, error)
                failed[key] = error
        return Applied(refused, failed)

    def _write(
        self, actions: Iterable[dict[str, Any]], present: list[str]
    ) -> tuple[dict[str, int], list[tuple[Withdrawal, str]]]:
        """Write changes; return those refused as older (versions by key), and withdrawals of the invalid documents."""
        # The sequence number of the feed is the version of a document: a newer change stays in any order of writes.
        sent: dict[str, int] = {}
        client = self._client.options(request_timeout=WRITE_TIMEOUT)
        with unavailable_on_error():
            _done, errors = bulk(
                client, _recorded(actions, sent), chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, raise_on_error=False
            )
            # Not the alias: the refresh of an index without a shard would wait for one.
            client.indices.refresh(index=[index_name(self._alias, code) for code in present])
        results = [result for error in (errors if isinstance(errors, list) else []) for result in error.values()]
        invalid = []
        for result in filter(_is_of_document, results):
            content_id, _separator, locale = result["_id"].partition(":")
            withdrawal = Withdrawal(content_id, locale, sent[result["_id"]])
            invalid.append((withdrawal, str(result.get("error"))))
        if failed := [result for result in results if not _is_expected(result)]:
            raise EngineUnavailable(f"{len(failed)} changes were refused: {failed[0].get('error')}")
        return {result["_id"]: sent[result["_id"]] for result in results if result["status"] == CONFLICT}, invalid

    def _addition(self, document: SearchDocument, failed: dict[str, str]) -> dict[str, Any]:
        """Return the action that stores a document; without its source, which is a failure, the one that removes it."""
        source = converted(document.key, partial(document_source, document), failed)
        if source is None:
            return self._deletion(Withdrawal(document.content_id, document.locale, document.sequence))
        return {
            "_op_type": "index",
            "_index": index_name(self._alias, document.locale),
            "_id": document.key,
            "_source": source,
            "version": document.sequence,
            "version_type": "external_gte",
        }

    def _deletion(self, withdrawal: Withdrawal) -> dict[str, Any]:
        return {
            "_op_type": "delete",
            "_index": index_name(self._alias, withdrawal.locale),
            "_id": document_key(withdrawal.content_id, withdrawal.locale),
            "version": withdrawal.sequence,
            "version_type": "external_gte",
        }

    def clear(self) -> None:
        with unavailable_on_error():
            self._client.options(request_timeout=WRITE_TIMEOUT).delete_by_query(
                index=self._alias, query={"match_all": {}}, refresh=True, conflicts="proceed"
            )

    # --- Reading --------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery, *, highlight: bool = False) -> Answer:
        try:
            return self._search(query, highlight)
        except EngineUnavailable as error:
            if not isinstance(error.__cause__, ApiError) or not self._has_lost_more():
                raise
        return self._search(query, highlight)  # The first search since a loss: the other languages answer.

    def _search(self, query: SearchQuery, highlight: bool) -> Answer:
        breaker = self._circuit_breaker
        with breaker.search():
            return execute_search(self._client, self._alias, query, breaker, highlight=highlight, missing=self._missing)

    def _has_lost_more(self) -> bool:
        """Look up which languages can be searched; return True if one of them could be before."""
        before = self._missing
        self.set_existing(self._assigned_within(0, timeout=LOOK_UP_TIMEOUT))
        return not self._missing <= before

    def suggest(self, prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
        typed = TypedPrefix.parse(prefix, locale)
        if not typed.words:
            return []
        self._require_language(locale)

        def complete(*, fuzzy: bool) -> list[Completion]:
            def send(client: Elasticsearch) -> Any:
                searches = MultiSearch(using=client)
                for search in completion.completion_searches(
                    typed, self._alias, locale, limit, department, fuzzy=fuzzy
                ):
                    searches = searches.add(search.params(**ALL_SHARDS))
                return searches.execute()

            return completion.completions(typed, locale, limit, *self._request(send))

        with self._circuit_breaker.search():
            # Most prefixes have no typing error.
            return complete(fuzzy=False) or complete(fuzzy=True)

    def similar(self, content_id: str, locale: str, limit: int) -> list[Hit]:
        self._require_language(locale)
        index = index_name(self._alias, locale)
        matching = query_dsl.more_like_this(index, document_key(content_id, locale))
        search = Search(index=index).params(**ALL_SHARDS).query(matching)
        search = search.exclude("term", content_id=content_id)
        for condition in query_dsl.base_filters(SearchQuery()):
            search = search.filter(condition)
        with self._circuit_breaker.search():
            wanted = search.source(["content_id", "locale"]).extra(size=limit)
            return [to_hit(hit) for hit in self._request(lambda client: wanted.using(client).execute())]

    def _request(self, send: Callable[[Elasticsearch], Any]) -> Any:
        return self._circuit_breaker.request(self._client, send, time.monotonic() + circuit_breaker.SEARCH_SECONDS)

    def _require_language(self, code: str) -> None:
        if code in self._missing:
            raise EngineUnavailable(f"the index is lost in the language {code}")

    def counts(self) -> dict[tuple[str, str, str], int]:
        client = self._client.options(request_timeout=WRITE_TIMEOUT)
        search = Search(using=client, index=self._alias).params(**ALL_SHARDS).extra(size=0)
        by_owner = search.aggs.bucket("owner", A("terms", field="owner", size=1000))
        by_owner.bucket("type", "terms", field="type", size=100).bucket("locale", "terms", field="locale", size=100)
        with unavailable_on_error():
            response = search.execute()
        return {
            (owner.key, document_type.key, locale.key): locale.doc_count
            for owner in response.aggregations.owner.buckets
            for document_type in owner.type.buckets
            for locale in document_type.locale.buckets
        }


def _recorded(actions: Iterable[dict[str, Any]], sent: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield the actions and store the version of each by key."""
    for action in actions:
        sent[action["_id"]] = action["version"]
        yield action


def _is_of_document(result: dict[str, Any]) -> bool:
    """Return True for a refused document. An index without a field that this version writes refuses all of them."""
    return result["status"] == INVALID and UNKNOWN_FIELD not in str(result.get("error"))


def _is_expected(result: dict[str, Any]) -> bool:
    """Return True for an invalid document or an older version, or if a withdrawn document was not indexed.

    False for a missing index, and for a cluster that is too busy.
    """
    status = result["status"]
    return _is_of_document(result) or status == CONFLICT or (status == NOT_FOUND and "error" not in result)
