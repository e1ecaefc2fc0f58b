"""Names, mappings and aliases: each index of the contract is one Elasticsearch index for each language."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.dsl import Date, Float, Index, Keyword, Long, Mapping, Object, Text

from search.facets import facet_names
from search.linguistics.languages import language_codes, language_of

from .analyzers import prefix_analyzer, root_analyzer, text_analyzer, word_analyzer

# Seconds after which an index without an assigned primary shard is lost: until then a node may be starting.
LOST_AFTER = 180

# Keyword fields beside those of the facets.
KEYWORD_FIELDS = ("content_id", "owner", "type", "locale", "concept", "available", "sort_title")


def index_name(alias: str, code: str) -> str:
    """Return the name of a language's index in the cluster: `cms-made-2026…-fr`."""
    return f"{alias}-{code}"


def mark_index(alias: str) -> str:
    """Return the name of the index with the mark of the feed. It is behind no alias, so no search reads it."""
    return f"{alias}-mark"


def create_mark_index(client: Elasticsearch, alias: str) -> None:
    """Create the index of the mark. Its mapping is fixed: a cluster may forbid to create indices on write."""
    client.options(ignore_status=400).indices.create(
        index=mark_index(alias),
        settings={"number_of_shards": 1, "auto_expand_replicas": "0-1"},
        mappings={"dynamic": "strict", "properties": {"mark": {"type": "keyword"}}},
    )


def unassigned_seconds(client: Elasticsearch, alias: str) -> dict[str, float]:
    """Return the existing indices of an alias, that of the mark included, with the seconds without a primary shard.

    0 means that the index can be read and written. An index without a primary shard is "red" in the cluster's health.
    """
    columns = ["index", "prirep", "state", "unassigned.for"]
    shards: Any = client.cat.shards(index=f"{alias}-*", format="json", h=columns, time="ms").body
    primaries = [shard for shard in shards if shard["prirep"] == "p"]
    return {shard["index"]: _unassigned(shard) for shard in primaries}


def _unassigned(shard: dict[str, Any]) -> float:
    """Return the seconds for which a shard is not assigned; it is at least a millisecond if it is not."""
    if shard["state"] != "UNASSIGNED":
        return 0.0
    return max(float(shard["unassigned.for"] or 0), 1.0) / 1000


def create(client: Elasticsearch, alias: str) -> None:
    """Create the indices that do not exist, each behind the alias of all of them."""
    for code in language_codes():
        full_name = index_name(alias, code)
        if not client.indices.exists(index=full_name):
            index = Index(full_name, using=client)
            # A replica only if a second node can hold it.
            index.settings(number_of_shards=1, auto_expand_replicas="0-1")
            index.mapping(_mapping(code))
            index.aliases(**{alias: {}})
            body: dict[str, Any] = index.to_dict()
            client.options(ignore_status=400).indices.create(index=full_name, **body)


def _mapping(code: str) -> Mapping:
    """Return the mapping of a language's index. It is strict: an index of another mapping takes no documents."""
    prefixes = Text(analyzer=prefix_analyzer(), search_analyzer=word_analyzer())
    # With stored offsets, highlighting need not analyze the text again.
    analyzed: dict[str, Any] = {"analyzer": text_analyzer(language_of(code)), "index_options": "offsets"}
    copied: dict[str, Any] = {"copy_to": ["roots", "words"]}
    mapping = Mapping()
    mapping.meta("dynamic", "strict")
    title_fields = {"complete": prefixes, "words": Text(analyzer=word_analyzer())}
    mapping.field("title", Text(**analyzed, **copied, fields=title_fields))
    for name in ("names", "text", "aliases"):
        mapping.field(name, Text(**analyzed, **copied))
    # One field for all other languages: a field for each would double the fields that a query searches.
    mapping.field("foreign_aliases", Text(analyzer=word_analyzer()))
    # The terms of these aliases by the rules of their languages, for excluded words.
    mapping.field("foreign_terms", Text(analyzer="whitespace", norms=False))
    mapping.field("roots", Text(analyzer=root_analyzer(language_of(code))))
    mapping.field("words", Text(analyzer=word_analyzer()))
    labels = {
        other: Text(analyzer=text_analyzer(language_of(other)), **(copied if other == code else {}))
        for other in language_codes()
    }
    mapping.field("labels", Object(properties=labels, dynamic="strict"))
    # Only for completions, not for searching.
    mapping.field("named", Object(properties=dict.fromkeys(language_codes(), prefixes), dynamic="strict"))
    mapping.field("place", Keyword(**copied, fields={"complete": prefixes}))
    for name in dict.fromkeys((*KEYWORD_FIELDS, *facet_names())):
        mapping.field(name, Keyword())
    for name in ("starts", "ends", "date"):
        mapping.field(name, Date(format="strict_date"))
    for name in ("over", "expires"):
        mapping.field(name, Date())
    mapping.field("sequence", Long())
    mapping.field("weight", Float())
    return mapping
