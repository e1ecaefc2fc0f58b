"""Names, mappings and aliases of the indices: for each index of the contract one index for each language."""

from __future__ import annotations

from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.dsl import Date, Float, Index, Keyword, Long, Mapping, Object, Text

from search.linguistics.languages import language_codes, language_of

from .analyzers import prefix_analyzer, root_analyzer, text_analyzer, word_analyzer

KEYWORD_FIELDS = (
    "department",
    "owner",
    "type",
    "locale",
    "profession",
    "country",
    "audience",
    "tag",
    "concept",
    "available",
)


def index_name(alias: str, code: str) -> str:
    """Return the name of a language's index in the cluster: `cms-made-2026…-fr`."""
    return f"{alias}-{code}"


def create(client: Elasticsearch, alias: str) -> None:
    """Make the indices that are not there, each behind the alias that stands for all of them."""
    for code in language_codes():
        full_name = index_name(alias, code)
        if not client.indices.exists(index=full_name):
            index = Index(full_name, using=client)
            # One copy where there is a second node to hold it.
            index.settings(number_of_shards=1, auto_expand_replicas="0-1")
            index.mapping(_mapping(code))
            index.aliases(**{alias: {}})
            body: dict[str, Any] = index.to_dict()
            client.options(ignore_status=400).indices.create(index=full_name, **body)


def _mapping(code: str) -> Mapping:
    beginnings = Text(analyzer=prefix_analyzer(), search_analyzer=word_analyzer())
    # Where each word stands: without it, every fragment would be found by cutting its text into words again.
    words: dict[str, Any] = {"analyzer": text_analyzer(language_of(code)), "index_options": "offsets"}
    mapping = Mapping()
    mapping.meta("dynamic", "strict")
    both: dict[str, Any] = {"copy_to": ["roots", "words"]}
    mapping.field(
        "title",
        Text(
            **words,
            **both,
            fields={
                "complete": beginnings,
                "words": Text(analyzer=word_analyzer()),
            },
        ),
    )
    mapping.field("names", Text(**words, **both))
    mapping.field("text", Text(**words, **both))
    mapping.field("aliases", Text(**words, **both))
    # A field for each language would double what a query looks through; as they are typed they are one.
    mapping.field("foreign_aliases", Text(analyzer=word_analyzer()))
    # The same as they are cut by the rules of their languages, for words that must not stand.
    mapping.field("foreign_terms", Text(analyzer="whitespace", norms=False))
    mapping.field("roots", Text(analyzer=root_analyzer(language_of(code))))
    mapping.field("words", Text(analyzer=word_analyzer()))
    labels = {}
    for each in language_codes():
        labels[each] = Text(
            analyzer=text_analyzer(language_of(each)),
            **(both if each == code else {}),
        )
    mapping.field("labels", Object(properties=labels, dynamic="strict"))
    # What completes, and nothing else: typing takes no part in how a profession is found.
    mapping.field("named", Object(properties=dict.fromkeys(language_codes(), beginnings), dynamic="strict"))
    mapping.field("place", Keyword(**both, fields={"complete": beginnings}))
    mapping.field("content_id", Keyword())
    for name in KEYWORD_FIELDS:
        mapping.field(name, Keyword())
    mapping.field("sort_title", Keyword())
    for name in ("starts", "ends", "date"):
        mapping.field(name, Date(format="strict_date"))
    mapping.field("expires", Date())
    mapping.field("sequence", Long())
    mapping.field("weight", Float())
    return mapping
