"""The words of a query that the cluster contains, and the known words that are similar to the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.dsl import Q, Search

from search.linguistics.spelling import edit_distance, suggest_correction
from search.linguistics.tokens import Token, fold, tokens
from search.query.highlighting import MAX_ANALYZED_CHARACTERS
from search.query.search_query import SearchQuery

from .indices import index_name
from .query_dsl import base_filters

# Limit of unknown words that are searched with typing errors: each expands to all its similar words.
MAX_UNKNOWN_WORDS = 4
# Similar words that the cluster suggests for one word. Some are stop words, or in deleted documents only.
MAX_SIMILAR_WORDS = 6
# Documents whose spelling of a word is counted.
MAX_READ_DOCUMENTS = 5
MARKED = re.compile(r"<mark>(.*?)</mark>")


@dataclass(frozen=True)
class ClusterVocabulary:
    """The words of one query that an index contains (`IndexVocabulary`).

    `similar` are the suggestions for each word by language, the nearest first. `missing` are, by language, the words
    that none of its documents contains; `documents` is the number of documents by language.
    """

    written: frozenset[str]
    stems: frozenset[str]
    similar: dict[str, dict[str, list[str]]]
    missing: dict[str, frozenset[str]]
    documents: dict[str, int]

    @property
    def unknown(self) -> frozenset[str]:
        """Return the first words that no document contains in any form."""
        unknown = [word for word in self.similar if word not in self.written and word not in self.stems]
        return frozenset(unknown[:MAX_UNKNOWN_WORDS])

    def has_word(self, folded: str) -> bool:
        return folded in self.written

    def has_stem(self, token: Token) -> bool:
        return token.folded in self.stems

    def nearest(self, folded: str) -> list[str]:
        return [words[0] for words in self.similar.get(folded, {}).values()]

    def candidates(self, folded: str, code: str) -> Sequence[str]:
        return self.similar.get(folded, {}).get(code, ())

    def suggestion(self, text: str, languages: Sequence[str], written_form: Callable[[str], str]) -> str:
        """Return the text with unknown words replaced by similar known ones of the first language; "" for none.

        `written_form` returns the spelling of a folded word in current documents, "" if none contains it.
        """
        unknown = [token for token in tokens(text, languages[0]) if token.folded not in self.written]
        return suggest_correction(text, languages, unknown, self, written_form)


def words_of(text: str, languages: Sequence[str]) -> list[str]:
    """Return the different words of a text, folded, as each of the languages separates them."""
    return list(dict.fromkeys(token.folded for code in languages for token in tokens(text, code)))


def vocabulary_searches(alias: str, words: Sequence[str], languages: Sequence[str]) -> list[Search]:
    """Return a search of each language's index for words; none without words."""
    if not words:
        return []
    return [Search(index=index_name(alias, code)).update_from_dict(_vocabulary_search(words)) for code in languages]


def parse_vocabulary(words: Sequence[str], languages: Sequence[str], responses: Sequence[Any]) -> ClusterVocabulary:
    """Return the vocabulary for words from the responses to `vocabulary_searches`."""
    written: set[str] = set()
    stems: set[str] = set()
    missing: dict[str, frozenset[str]] = {}
    documents: dict[str, int] = {}
    similar: dict[str, dict[str, list[str]]] = {word: {} for word in words}
    for code, answer in zip(languages if words else (), responses, strict=True):
        response = answer.to_dict()
        counts = response["aggregations"]
        documents[code] = response["hits"]["total"]["value"]
        written_here = {word for word in words if counts[f"w:{word}"]["doc_count"]}
        stems_here = {word for word in words if counts[f"r:{word}"]["doc_count"]}
        missing[code] = frozenset(words) - written_here - stems_here
        written |= written_here
        stems |= stems_here
        for word in words:
            # The cluster splits a word of a script without spaces, and suggests words for its parts only.
            suggestions = response["suggest"][f"s:{word}"]
            options = [option["text"] for option in suggestions[0]["options"]] if len(suggestions) == 1 else []
            if options:
                similar[word][code] = sorted(options, key=lambda option: edit_distance(word, option))
    return ClusterVocabulary(frozenset(written), frozenset(stems), similar, missing, documents)


def _vocabulary_search(words: Sequence[str]) -> dict[str, Any]:
    """Return a search that counts the documents with each word, as written ("w:") and as root ("r:").

    It suggests similar words ("s:"). The prefixes keep the words apart from keywords of the query language.
    """
    counts = {f"w:{word}": {"filter": {"term": {"words": word}}} for word in words}
    counts |= {f"r:{word}": {"filter": {"match": {"roots": word}}} for word in words}
    term = {"field": "words", "suggest_mode": "missing", "size": MAX_SIMILAR_WORDS, "prefix_length": 0}
    return {
        "size": 0,
        "track_total_hits": True,
        "aggs": counts,
        "suggest": {f"s:{word}": {"text": word, "term": term} for word in words},
    }


def written_form(client: Elasticsearch, index: str, code: str, folded: str) -> str:
    """Return the most frequent spelling of a folded word in current documents of a language, with its accents.

    Return "" if no current document contains the word: the cluster suggests words of deleted documents until its
    segments are merged.
    """
    fields = ["title", "names", "text", "aliases", f"labels.{code}"]
    response = client.search(
        index=index,
        query=Q("bool", filter=[Q("term", words=folded), *base_filters(SearchQuery())]).to_dict(),
        size=MAX_READ_DOCUMENTS,
        source=False,
        highlight={
            "fields": {name: {} for name in fields},
            "highlight_query": {"multi_match": {"query": folded, "fields": fields}},
            "max_analyzed_offset": MAX_ANALYZED_CHARACTERS,
            "pre_tags": ["<mark>"],
            "post_tags": ["</mark>"],
        },
    )
    hits = response["hits"]["hits"]
    if not hits:
        return ""
    fragments = (part for hit in hits for parts in hit.get("highlight", {}).values() for part in parts)
    marked = (word.lower() for part in fragments for word in MARKED.findall(part))
    forms = Counter(word for word in marked if fold(word) == folded)
    return forms.most_common(1)[0][0] if forms else folded
