"""Asks the cluster which words of a query it knows, and which known ones are near the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from elasticsearch import Elasticsearch

from search.analysis.tokens import Token, tokens
from search.engines.contract import EngineUnavailable
from search.spelling import distance

from .indices import index_name


@dataclass(frozen=True)
class KnownWords:
    """What an index knows of the words of one query; `near` has the nearest words of each language, by word."""

    written: frozenset[str]
    stems: frozenset[str]
    near: dict[str, dict[str, str]]

    @property
    def unknown(self) -> frozenset[str]:
        """The words that no document has in any form."""
        return frozenset(self.near) - self.written - self.stems

    def is_written(self, folded: str) -> bool:
        return folded in self.written

    def has_stem(self, token: Token) -> bool:
        return token.folded in self.stems

    def nearest(self, folded: str) -> list[str]:
        return list(self.near.get(folded, {}).values())

    def suggestion(self, text: str, languages: Sequence[str]) -> str:
        """Return the words with unknown ones replaced by known ones of the first language; "" without any."""
        changed = text
        for token in reversed(list(tokens(text, languages[0]))):
            word = self.near.get(token.folded, {}).get(languages[0], "")
            if word and token.folded not in self.written:
                changed = changed[: token.start] + word + changed[token.end :]
        return changed if changed != text else ""


def known_words(client: Elasticsearch, prefix: str, name: str, text: str, languages: Sequence[str]) -> KnownWords:
    """Ask about the words of a text, each language's index about all of them, in one request."""
    words = list(dict.fromkeys(token.folded for code in languages for token in tokens(text, code)))
    if not words:
        return KnownWords(frozenset(), frozenset(), {})
    searches: list[dict[str, Any]] = []
    for code in languages:
        searches += [{"index": index_name(prefix, name, code)}, _question(words)]
    written, stems = set(), set()
    near: dict[str, dict[str, str]] = {word: {} for word in words}
    for code, answer in zip(languages, client.msearch(searches=searches)["responses"], strict=True):
        if "error" in answer:  # Each question of several has a status of its own.
            raise EngineUnavailable(str(answer["error"].get("reason")))
        counts = answer["aggregations"]
        written |= {word for word in words if counts[f"w:{word}"]["doc_count"]}
        stems |= {word for word in words if counts[f"r:{word}"]["doc_count"]}
        for word in words:
            # A word of a script without spaces is several words to the cluster: none of what it suggests is for all.
            suggested = answer["suggest"][word]
            options = [option["text"] for option in suggested[0]["options"]] if len(suggested) == 1 else []
            if options:
                near[word][code] = min(options, key=lambda each: distance(word, each))
    return KnownWords(frozenset(written), frozenset(stems), near)


def _question(words: Sequence[str]) -> dict[str, Any]:
    counts = {f"w:{word}": {"filter": {"term": {"words": word}}} for word in words}
    counts |= {f"r:{word}": {"filter": {"match": {"roots": word}}} for word in words}
    near = {"field": "words", "suggest_mode": "missing", "size": 3, "prefix_length": 0}
    return {"size": 0, "aggs": counts, "suggest": {word: {"text": word, "term": near} for word in words}}
