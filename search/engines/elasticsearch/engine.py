"""The Elasticsearch engine: `search.engines.contract` through the official client."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from elasticsearch import BadRequestError, ConnectionTimeout, Elasticsearch
from elasticsearch.dsl import A, MultiSearch, Q, Search
from elasticsearch.helpers import bulk

from search.analysis.languages import language_codes
from search.completing import Completion, Typed
from search.documents import SearchDocument, document_key
from search.engines.contract import FEW_HITS, Answer, EngineUnavailable, Hit, Withdrawal
from search.highlight import LOOKED_THROUGH
from search.query import SearchQuery, Words
from search.ranking import ranking
from search.reading import ENOUGH, Width, has_several, needed, read
from search.spelling import respell

from . import completion, queries
from .indices import create, index_name
from .patience import CREATE_TIMEOUT, LOOK_UP_TIMEOUT, SEARCH_TIMEOUT, WRITE_TIMEOUT, Patience, answering, within
from .rows import row
from .spelling import known_words, written_form

logger = logging.getLogger(__name__)

CONFLICT, NOT_FOUND = 409, 404
# Seconds for which an index is taken for the live one without asking again: it goes on answering when it no longer is.
LIVE_FOR = 1.0
# Seconds without which it is no use to ask again.
LEAST_TIME = 0.3
# Words of a question that a cluster has refused, which are asked for after that.
NARROW = 8
CHUNK = 500
CHUNK_BYTES = 10 << 20
# An answer of some shards only would seem to be all there is.
WHOLE = {"allow_partial_search_results": False}
MARKS = {"pre_tags": ["<mark>"], "post_tags": ["</mark>"]}


class ElasticsearchStore:
    """The indexes of one instance in a cluster; the alias `<prefix>-live` stands for the one that answers."""

    capabilities: dict[str, object] = {
        "engine": "elasticsearch",
        "fuzziness": "a word that no document has matches words that differ by a letter, by two from eight letters on",
    }

    def __init__(self, _folder: Path, prefix: str = "") -> None:
        self.client = Elasticsearch(
            settings.ELASTICSEARCH_URL, request_timeout=SEARCH_TIMEOUT, max_retries=0, retry_on_timeout=False
        )
        self._prefix = prefix or settings.ELASTICSEARCH_PREFIX
        self._patience = Patience()
        self._opened: set[str] = set()
        self._seen: tuple[float, ElasticsearchEngine] | None = None

    def names(self) -> list[str]:
        with answering():
            found = self.client.indices.get_alias(index=f"{self._prefix}-*", allow_no_indices=True)
        aliases = {alias for index in found.values() for alias in index["aliases"]}
        return sorted(alias.removeprefix(f"{self._prefix}-") for alias in aliases - {self._live})

    def live_name(self) -> str:
        client = self.client.options(request_timeout=LOOK_UP_TIMEOUT, ignore_status=NOT_FOUND)
        with self._patience.reading():
            found = client.indices.get_alias(index=self._live).body
        if "error" in found:
            return ""
        aliases = {alias for index in found.values() for alias in index["aliases"]} - {self._live}
        return min(aliases).removeprefix(f"{self._prefix}-") if aliases else ""

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
        if name not in self._opened:
            client = self.client.options(request_timeout=CREATE_TIMEOUT)
            with answering():
                # What is lost of an index is not made again empty: it would seem to be complete.
                if not client.indices.exists_alias(name=f"{self._prefix}-{name}"):
                    create(client, self._prefix, name, f"{self._prefix}-{name}")
            self._opened.add(name)
        return ElasticsearchEngine(self.client, self._prefix, name, self._patience)

    def remove(self, name: str) -> None:
        self._seen = None
        self._opened.discard(name)
        with answering():
            self.client.options(request_timeout=WRITE_TIMEOUT).indices.delete(
                index=[index_name(self._prefix, name, code) for code in language_codes()], ignore_unavailable=True
            )

    @property
    def _live(self) -> str:
        return f"{self._prefix}-live"


@dataclass(frozen=True)
class Attempt:
    """How a query is put this time: the words as they are read, how many of them must match, and until when.

    `first` are keys of what an attempt before it has found, `unknown` words that no document has,
    `missing` by language those that none of its documents has.
    """

    languages: Sequence[str]
    texts: dict[str, float]
    end: float
    width: Width = Width.ALL
    first: tuple[str, ...] = ()
    unknown: frozenset[str] = frozenset()
    missing: dict[str, frozenset[str]] = field(default_factory=dict)


class ElasticsearchEngine:
    """One index of the contract: an alias over the indices of its languages."""

    def __init__(self, client: Elasticsearch, prefix: str, name: str, patience: Patience) -> None:
        self._client = client
        self._patience = patience
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
        names = [index_name(self._prefix, self._name, code) for code in language_codes()]
        with answering():
            # A cluster makes an index by itself when something is written to it, and guesses what its fields are.
            if not client.indices.exists(index=names):
                raise EngineUnavailable(f"indices of {self._alias} are gone; run search_rebuild")
            _done, errors = bulk(client, actions, chunk_size=CHUNK, max_chunk_bytes=CHUNK_BYTES, raise_on_error=False)
            client.indices.refresh(index=self._alias)
        refused: list[Any] = list(errors) if isinstance(errors, list) else []
        if failed := [each for error in refused for each in error.values() if not _is_expected(each)]:
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
        languages, text = query.locales or language_codes(), query.words.text
        attempt = Attempt(languages, {text: 1.0}, time.monotonic() + SEARCH_TIMEOUT)
        suggestion = ""
        with self._patience.reading():
            # Whether enough has the words is asked without what is promoted, which need not have any.
            plain = replace(query, promoted=())
            found = self._run(plain, attempt, highlight)
            if text and found.hits.total.value < ENOUGH:
                attempt, found, suggestion = self._widened(plain, attempt, found, highlight)
            if query.promoted:
                found = self._run(query, attempt, highlight)
            count = found.hits.total.value
        return Answer(count, [_hit(each) for each in found], queries.counts_by_facet(found), suggestion)

    def _widened(self, query: SearchQuery, attempt: Attempt, found: Any, highlight: bool) -> tuple[Attempt, Any, str]:
        """Ask again with words as they were probably meant, then with less of them, until enough is found.

        Returns the last attempt, what it found, and what was probably meant.
        """
        text, languages = query.words.text, attempt.languages
        client = within(self._client, attempt.end)
        words = known_words(client, self._prefix, self._name, text, languages)
        texts = {respell(text, languages, words): ranking().words["respelt"], text: 1.0}
        widths = _widths(text, languages)
        attempt = replace(attempt, missing=words.missing)
        if words.unknown or len(texts) > 1:
            attempt, widths = replace(attempt, texts=texts, unknown=words.unknown), (Width.ALL, *widths)
        with_all, several = found.hits.total.value, has_several(text, languages)
        for width in widths:
            if time.monotonic() > attempt.end - LEAST_TIME:
                break
            wider = replace(attempt, width=width)
            try:
                if several:
                    wider = replace(wider, first=(*wider.first, *self._keys(query, attempt, found)))
                found = self._run(query, wider, highlight)
            except ConnectionTimeout:
                logger.warning("What was found so far is the answer: %s took too long for %r", width.name, text)
                break
            attempt, count = wider, found.hits.total.value
            with_all = count if width is Width.ALL else with_all
            if count >= ENOUGH:
                break
        if with_all >= FEW_HITS:
            return attempt, found, ""
        return attempt, found, words.suggestion(text, languages, partial(self._written, languages[0], attempt.end))

    def _written(self, code: str, end: float, folded: str) -> str:
        index = index_name(self._prefix, self._name, code)
        try:
            return written_form(within(self._client, end), index, code, folded)
        except ConnectionTimeout:
            return folded

    def _keys(self, query: SearchQuery, attempt: Attempt, found: Any) -> list[str]:
        """Return the keys of the few documents that were found, whatever the page asked for."""
        if query.offset or query.limit < found.hits.total.value or query.sort != "relevance":
            found = self._run(replace(query, offset=0, limit=ENOUGH, sort="relevance"), attempt, highlight=False)
        return [each.meta.id for each in found]

    def _run(self, query: SearchQuery, attempt: Attempt, highlight: bool) -> Any:
        try:
            return self._asked(query, attempt, highlight)
        except BadRequestError as error:
            logger.warning("Asked for %d words only, for the cluster refused more: %s", NARROW, error)
            words = query.words
            few = Words(_start(words.text), tuple(map(_start, words.phrases[:1])), words.excluded[:NARROW])
            texts = {_start(text): factor for text, factor in attempt.texts.items()}
            return self._asked(replace(query, words=few), replace(attempt, texts=texts, unknown=frozenset()), highlight)

    def _asked(self, query: SearchQuery, attempt: Attempt, highlight: bool) -> Any:
        indices = {code: index_name(self._prefix, self._name, code) for code in attempt.languages}
        manner = queries.Manner(attempt.width, attempt.unknown, missing=attempt.missing)
        matching = queries.words_query(attempt.texts, query.words, indices, manner)
        if attempt.first:
            matching = queries.with_more(matching, attempt.first)
        search = Search(using=within(self._client, attempt.end), index=self._alias).params(**WHOLE)
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
            search = search.highlight_options(
                encoder="html", require_field_match=False, max_analyzed_offset=LOOKED_THROUGH, **MARKS
            )
            search = search.highlight("title", number_of_fragments=0)
            search = search.highlight("text", "names", fragment_size=220, number_of_fragments=1)
        search = search.source(["content_id", "locale"]).extra(
            from_=query.offset, size=query.limit, track_total_hits=True
        )
        return search.execute()

    def suggest(self, prefix: str, locale: str, limit: int, department: str = "") -> list[Completion]:
        typed = Typed.read(prefix, locale)
        if not typed.words:
            return []
        asked = MultiSearch(using=self._client, index=self._alias)
        for search in completion.searches(typed, locale, limit, department):
            asked = asked.add(search.params(**WHOLE))
        with self._patience.reading():
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
        search = (
            Search(using=self._client, index=index).params(**WHOLE).query(like).exclude("term", content_id=content_id)
        )
        for condition in queries.conditions(SearchQuery()):
            search = search.filter(condition)
        with self._patience.reading():
            return [_hit(each) for each in search.source(["content_id", "locale"]).extra(size=limit).execute()]

    def counts(self) -> dict[tuple[str, str, str], int]:
        client = self._client.options(request_timeout=WRITE_TIMEOUT)
        search = Search(using=client, index=self._alias).params(**WHOLE).extra(size=0)
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


def _is_expected(result: dict[str, Any]) -> bool:
    """Whether a newer change is there already, or what is withdrawn was not there; not that an index is gone."""
    return result["status"] == CONFLICT or (result["status"] == NOT_FOUND and "error" not in result)


def _hit(found: Any) -> Hit:
    marked = found.meta.highlight.to_dict() if "highlight" in found.meta else {}
    fragments = {"title": marked.get("title"), "text": marked.get("text") or marked.get("names")}
    return Hit(
        found.content_id,
        found.locale,
        found.meta.score or 0.0,
        {name: " … ".join(parts) for name, parts in fragments.items() if parts},
    )


def _widths(text: str, languages: Sequence[str]) -> tuple[Width, ...]:
    """Return the widths after the first that differ: of two words, half is one."""
    places = read(text, languages[0], languages)
    return (Width.ANY,) if needed(places, Width.HALF) == needed(places, Width.ANY) else (Width.HALF, Width.ANY)


def _start(text: str) -> str:
    return " ".join(text.split()[:NARROW])
