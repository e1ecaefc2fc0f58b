"""Asks the cluster which words of a query it knows, and which known ones are near the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import ConnectionTimeout, Elasticsearch
from elasticsearch.dsl import Q

from search.engines.contract import EngineUnavailable
from search.linguistics.spelling import edit_distance, suggest_correction
from search.linguistics.tokens import Token, fold, tokens
from search.query.highlighting import MAX_ANALYZED_CHARACTERS
from search.query.search_query import SearchQuery

from .indices import index_name
from .query_dsl import base_filters

# Words of a query that are looked for with typing errors: each is as many words as are like it.
MOST_UNKNOWN = 4
# Words near an unknown one that the cluster names: some are stop words, some stand in no document any more.
MOST_NEAR = 6
DOCUMENTS_READ = 5
MARKED = re.compile(r"<mark>(.*?)</mark>")


@dataclass(frozen=True)
class ClusterVocabulary:
    """What an index knows of the words of one query; `near` has words like it of each language, the nearest first.

    `missing` has for each language those that none of its documents has, `documents` how many it has.
    """

    written: frozenset[str]
    stems: frozenset[str]
    near: dict[str, dict[str, list[str]]]
    missing: dict[str, frozenset[str]]
    documents: dict[str, int]

    @property
    def unknown(self) -> frozenset[str]:
        """The first words that no document has in any form."""
        unknown = [word for word in self.near if word not in self.written and word not in self.stems]
        return frozenset(unknown[:MOST_UNKNOWN])

    def has_word(self, folded: str) -> bool:
        return folded in self.written

    def has_stem(self, token: Token) -> bool:
        return token.folded in self.stems

    def nearest(self, folded: str) -> list[str]:
        return [words[0] for words in self.near.get(folded, {}).values()]

    def candidates(self, folded: str, code: str) -> Sequence[str]:
        return self.near.get(folded, {}).get(code, ())

    def suggestion(self, text: str, languages: Sequence[str], written: Callable[[str], str]) -> str:
        """Return the words with unknown ones replaced by known ones of the first language; "" without any.

        `written` says how a word without accents is written, "" when no document has it.
        """
        unknown = [token for token in tokens(text, languages[0]) if token.folded not in self.written]
        return suggest_correction(text, languages, unknown, self, written)


def load_vocabulary(client: Elasticsearch, alias: str, text: str, languages: Sequence[str]) -> ClusterVocabulary:
    """Ask about the words of a text, each language's index about all of them, in one request."""
    words = list(dict.fromkeys(token.folded for code in languages for token in tokens(text, code)))
    if not words:
        return ClusterVocabulary(frozenset(), frozenset(), {}, {}, {})
    searches: list[dict[str, Any]] = []
    for code in languages:
        searches += [{"index": index_name(alias, code)}, _question(words)]
    written: set[str] = set()
    stems: set[str] = set()
    missing: dict[str, frozenset[str]] = {}
    documents: dict[str, int] = {}
    near: dict[str, dict[str, list[str]]] = {word: {} for word in words}
    for code, answer in zip(languages, client.msearch(searches=searches)["responses"], strict=True):
        if "error" in answer:  # Each question of several has a status of its own.
            raise EngineUnavailable(str(answer["error"].get("reason")))
        counts = answer["aggregations"]
        documents[code] = answer["hits"]["total"]["value"]
        written_here = {word for word in words if counts[f"w:{word}"]["doc_count"]}
        stems_here = {word for word in words if counts[f"r:{word}"]["doc_count"]}
        missing[code] = frozenset(words) - written_here - stems_here
        written |= written_here
        stems |= stems_here
        for word in words:
            # A word of a script without spaces is several words to the cluster: none of what it suggests is for all.
            suggested = answer["suggest"][word]
            options = [option["text"] for option in suggested[0]["options"]] if len(suggested) == 1 else []
            if options:
                near[word][code] = sorted(options, key=lambda each: edit_distance(word, each))
    return ClusterVocabulary(frozenset(written), frozenset(stems), near, missing, documents)


def _question(words: Sequence[str]) -> dict[str, Any]:
    counts = {f"w:{word}": {"filter": {"term": {"words": word}}} for word in words}
    counts |= {f"r:{word}": {"filter": {"match": {"roots": word}}} for word in words}
    near = {"field": "words", "suggest_mode": "missing", "size": MOST_NEAR, "prefix_length": 0}
    return {
        "size": 0,
        "track_total_hits": True,
        "aggs": counts,
        "suggest": {word: {"text": word, "term": near} for word in words},
    }


def written_form(client: Elasticsearch, index: str, code: str, folded: str) -> str:
    """Return how documents of a language write a word, with its accents: words are indexed without.

    "" when no current document has it, for the cluster suggests the words of deleted documents too, until its segments
    are merged; and when it does not say so in time.
    """
    fields = ["title", "names", "text", "aliases", f"labels.{code}"]
    try:
        found = client.search(
            index=index,
            query=Q("bool", filter=[Q("term", words=folded), *base_filters(SearchQuery())]).to_dict(),
            size=DOCUMENTS_READ,
            source=False,
            highlight={
                "fields": {name: {} for name in fields},
                "highlight_query": {"multi_match": {"query": folded, "fields": fields}},
                "max_analyzed_offset": MAX_ANALYZED_CHARACTERS,
                "pre_tags": ["<mark>"],
                "post_tags": ["</mark>"],
            },
        )
    except ConnectionTimeout:
        return ""
    hits = found["hits"]["hits"]
    if not hits:
        return ""
    parts = (part for hit in hits for each in hit.get("highlight", {}).values() for part in each)
    marked = (word.lower() for part in parts for word in MARKED.findall(part))
    forms = Counter(word for word in marked if fold(word) == folded)
    return forms.most_common(1)[0][0] if forms else folded
