"""The Elasticsearch engine: `search.engines.contract` through the official client."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.dsl import A, MultiSearch, Q, Search
from elasticsearch.helpers import bulk

from search.completing import Completion, Typed
from search.documents import SearchDocument, document_key
from search.engines.contract import Answer, EngineUnavailable, Hit, Withdrawal
from search.query import FACETS, SearchQuery
from search.ranking import ranking
from search.reading import ENOUGH, Width
from search.spelling import respell

from . import completion, queries
from .indices import create, index_name, language_codes
from .rows import row
from .spelling import known_words

SEARCH_TIMEOUT = 1.5  # seconds after which a reader is told to come back
WRITE_TIMEOUT = 30
GONE, TOO_MANY, UNAVAILABLE = 404, 429, 500
# Seconds for which an index is taken for the live one without asking again: it goes on answering when it no longer is.
LIVE_FOR = 1.0
EXPECTED = (404, 409)  # withdrawn twice; a newer change is there already
FEW_HITS = 3
CHUNK = 500
MARKS = {"pre_tags": ["<mark>"], "post_tags": ["</mark>"]}


@contextmanager
def answering() -> Iterator[None]:
    """Turn every way in which a cluster does not answer into EngineUnavailable."""
    try:
        yield
    except TransportError as error:
        raise EngineUnavailable(str(error)) from error
    except ApiError as error:
        if error.meta.status in (GONE, TOO_MANY) or error.meta.status >= UNAVAILABLE:
            raise EngineUnavailable(str(error)) from error
        raise


class ElasticsearchStore:
    """The indexes of one instance in a cluster; the alias `<prefix>-live` stands for the one that answers."""

    capabilities: dict[str, object] = {
        "engine": "elasticsearch",
        "fuzziness": "each word matches words that differ by one letter from four letters on, by two from eight on",
    }

    def __init__(self, _folder: Path, prefix: str = "") -> None:
        self.client = Elasticsearch(
            settings.ELASTICSEARCH_URL, request_timeout=SEARCH_TIMEOUT, max_retries=0, retry_on_timeout=False
        )
        self._prefix = prefix or settings.ELASTICSEARCH_PREFIX
        self._seen: tuple[float, ElasticsearchEngine] | None = None

    def names(self) -> list[str]:
        with answering():
            found = self.client.indices.get_alias(index=f"{self._prefix}-*", allow_no_indices=True)
        aliases = {alias for index in found.values() for alias in index["aliases"]}
        return sorted(alias.removeprefix(f"{self._prefix}-") for alias in aliases - {self._live})

    def live_name(self) -> str:
        with answering():
            if not self.client.indices.exists_alias(name=self._live):
                return ""
            found = self.client.indices.get_alias(name=self._live)
        first = min(found)
        return first.removeprefix(f"{self._prefix}-").rpartition("-")[0]

    def live_engine(self) -> ElasticsearchEngine | None:
        now = time.monotonic()
        if self._seen is not None and now - self._seen[0] < LIVE_FOR:
            return self._seen[1]
        name = self.live_name()
        self._seen = (now, self.open(name)) if name else None
        return self._seen[1] if self._seen else None

    def make_live(self, name: str) -> None:
        self._seen = None
        with answering():
            old = self.client.indices.get_alias(index=f"{self._prefix}-*", allow_no_indices=True)
            actions: list[dict[str, Any]] = [
                {"remove": {"index": index, "alias": self._live}}
                for index, found in old.items()
                if self._live in found["aliases"]
            ]
            actions.append({"add": {"index": f"{self._prefix}-{name}-*", "alias": self._live}})
            self.client.indices.update_aliases(actions=actions)

    def open(self, name: str) -> ElasticsearchEngine:
        with answering():
            create(self.client.options(request_timeout=WRITE_TIMEOUT), self._prefix, name, f"{self._prefix}-{name}")
        return ElasticsearchEngine(self.client, self._prefix, name)

    def remove(self, name: str) -> None:
        self._seen = None
        with answering():
            self.client.options(request_timeout=WRITE_TIMEOUT).indices.delete(
                index=[index_name(self._prefix, name, code) for code in language_codes()], ignore_unavailable=True
            )

    @property
    def _live(self) -> str:
        return f"{self._prefix}-live"


class ElasticsearchEngine:
    """One index of the contract: an alias over the indices of its languages."""

    def __init__(self, client: Elasticsearch, prefix: str, name: str) -> None:
        self._client = client
        self._prefix = prefix
        self._name = name
        self._alias = f"{prefix}-{name}"

    @property
    def name(self) -> str:
        return self._name

    # --- Writing --------------------------------------------------------------------------------------------

    def turn(self) -> AbstractContextManager[None]:
        return nullcontext()

    def apply(self, documents: Iterable[SearchDocument], withdrawn: Iterable[Withdrawal]) -> None:
        # Rows carry the feed's number as their version: of two writers the newer change stays, in whatever order.
        actions = chain(map(self._deletion, withdrawn), map(self._addition, documents))
        client = self._client.options(request_timeout=WRITE_TIMEOUT)
        with answering():
            _done, errors = bulk(client, actions, chunk_size=CHUNK, raise_on_error=False)
            client.indices.refresh(index=self._alias)
        refused: list[Any] = list(errors) if isinstance(errors, list) else []
        if failed := [each for error in refused for each in error.values() if each["status"] not in EXPECTED]:
            raise EngineUnavailable(f"{len(failed)} changes were refused: {failed[0].get('error')}")

    def _addition(self, document: SearchDocument) -> dict[str, Any]:
        return {
            "_op_type": "index",
            "_index": index_name(self._prefix, self._name, document.locale),
            "_id": document.key,
            "_source": row(document),
            "version": document.sequence,
            "version_type": "external_gte",
        }

    def _deletion(self, withdrawal: Withdrawal) -> dict[str, Any]:
        return {
            "_op_type": "delete",
            "_index": index_name(self._prefix, self._name, withdrawal.locale),
            "_id": document_key(withdrawal.content_id, withdrawal.locale),
            "version": withdrawal.sequence,
            "version_type": "external_gte",
        }

    def clear(self) -> None:
        with answering():
            self._client.options(request_timeout=WRITE_TIMEOUT).delete_by_query(
                index=self._alias, query={"match_all": {}}, refresh=True, conflicts="proceed"
            )

    # --- Reading --------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery, *, highlight: bool = False) -> Answer:
        languages = query.locales or language_codes()
        text = query.words.text
        texts = {text: 1.0}
        suggestion = ""
        with answering():
            # Whether enough has the words is asked without what is promoted, which need not have any.
            plain = replace(query, promoted=())
            for width in Width:
                found = self._run(plain, texts, languages, width, highlight)
                if found.hits.total.value >= ENOUGH or not text:
                    break
                if width is Width.ALL:
                    words = known_words(self._client, self._prefix, self._name, text, languages)
                    texts.setdefault(respell(text, languages, words), ranking().words["respelt"])
                    suggestion = words.suggestion(text, languages) if found.hits.total.value < FEW_HITS else ""
            if query.promoted:
                found = self._run(query, texts, languages, width, highlight)
            count = found.hits.total.value
        return Answer(count, [_hit(each) for each in found], _facets(found), suggestion)

    def _run(
        self, query: SearchQuery, texts: dict[str, float], languages: Sequence[str], width: Width, highlight: bool
    ) -> Any:
        indices = {code: index_name(self._prefix, self._name, code) for code in languages}
        matching = queries.words_query(texts, query.words, indices, width)
        search = Search(using=self._client, index=self._alias)
        conditions = queries.conditions(query)
        ranked = queries.ranked(Q("bool", must=[matching], filter=conditions), query)
        search = search.query(queries.after_promoted(ranked, query.promoted, conditions))
        search = search.post_filter(Q("bool", filter=queries.filters(query)))
        queries.add_facets(search, query)
        if query.sort == "date":
            search = search.sort({"date": {"order": "desc", "missing": "_last"}}, "sequence")
        elif query.sort == "title":
            search = search.sort("sort_title", "sequence")
        else:
            search = search.sort("_score", "sequence")
        if highlight:
            search = search.highlight_options(encoder="html", require_field_match=False, **MARKS)
            search = search.highlight("title", number_of_fragments=0)
            search = search.highlight("text", "names", fragment_size=220, number_of_fragments=1)
        search = search.source(["content_id", "locale"]).extra(
            from_=query.offset, size=query.limit, track_total_hits=True
        )
        return search.execute()

    def suggest(self, prefix: str, locale: str, limit: int) -> list[Completion]:
        typed = Typed.read(prefix, locale)
        if not typed.words:
            return []
        asked = MultiSearch(using=self._client, index=self._alias)
        for search in completion.searches(typed, locale, limit):
            asked = asked.add(search)
        with answering():
            professions, places, titles = asked.execute()
        return completion.completions(typed, locale, limit, professions, places, titles)

    def similar(self, content_id: str, locale: str, limit: int) -> list[Hit]:
        index = index_name(self._prefix, self._name, locale)
        like = Q(
            "more_like_this",
            fields=["title", "names", "text"],
            like=[{"_index": index, "_id": document_key(content_id, locale)}],
            min_term_freq=1,
            min_doc_freq=2,
            minimum_should_match="1",
        )
        search = Search(using=self._client, index=index).query(like).exclude("term", content_id=content_id)
        for condition in queries.conditions(SearchQuery()):
            search = search.filter(condition)
        with answering():
            return [_hit(each) for each in search.source(["content_id", "locale"]).extra(size=limit).execute()]

    def counts(self) -> dict[tuple[str, str, str], int]:
        search = Search(using=self._client, index=self._alias).extra(size=0)
        by_owner = search.aggs.bucket("owner", A("terms", field="owner", size=1000))
        by_owner.bucket("type", "terms", field="type", size=100).bucket("locale", "terms", field="locale", size=100)
        with answering():
            found = search.execute()
        return {
            (owner.key, kind.key, locale.key): locale.doc_count
            for owner in found.aggregations.owner.buckets
            for kind in owner.type.buckets
            for locale in kind.locale.buckets
        }

    def sequences(self, keys: Sequence[str]) -> dict[str, int]:
        search = Search(using=self._client, index=self._alias).query("ids", values=list(keys))
        with answering():
            found = search.source(["sequence"]).extra(size=max(len(keys), 1)).execute()
        return {each.meta.id: each.sequence for each in found}


def _hit(found: Any) -> Hit:
    marked = found.meta.highlight.to_dict() if "highlight" in found.meta else {}
    fragments = {"title": marked.get("title"), "text": marked.get("text") or marked.get("names")}
    return Hit(
        found.content_id,
        found.locale,
        found.meta.score or 0.0,
        {name: " … ".join(parts) for name, parts in fragments.items() if parts},
    )


def _facets(found: Any) -> dict[str, list[tuple[str, int]]]:
    return {
        name: [(each.key, each.doc_count) for each in getattr(found.aggregations, name)["values"].buckets]
        for name in FACETS
    }
