"""The fields of the embedded index, and how a document becomes one of its rows."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from functools import cache

from tantivy import Document, Schema, SchemaBuilder

from search.linguistics.languages import language_codes
from search.linguistics.tokens import PART, Token, fold, tokens_without_positions
from search.query.completion_ranking import completion_labels
from search.query.ranking import ranking
from search.search_documents import SearchDocument

# Fields of words, one for each language; what they weigh is in ranking.toml.
WORD_FIELDS = ("title", "labels", "names", "text")
# Fields of words without accents, one for each language: of titles, and of the names of professions.
COMPLETION_FIELDS = ("complete", "named")
KEYWORD_FIELDS = ("department", "type", "locale", "profession", "country", "audience", "tag")
NEVER = 2**62


@cache
def schema() -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", fast=True)
    builder.add_text_field("content", stored=True, tokenizer_name="raw")
    for name in KEYWORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", fast=True)
    builder.add_text_field("owner", tokenizer_name="raw", fast=True)
    builder.add_text_field("concept", tokenizer_name="raw")
    builder.add_text_field("available", tokenizer_name="raw")
    builder.add_text_field("sort_title", tokenizer_name="raw", fast=True)
    builder.add_integer_field("language", stored=True, fast=True)
    builder.add_integer_field("starts", indexed=True, fast=True)
    builder.add_integer_field("ends", indexed=True, fast=True)
    builder.add_integer_field("date", fast=True)
    builder.add_integer_field("expires", indexed=True, fast=True)
    builder.add_integer_field("sequence", stored=True, fast=True)
    builder.add_float_field("weight", fast=True)
    # Not searched: what highlights and completions are cut from.
    builder.add_text_field("kind", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("raw_title", stored=True)
    builder.add_bytes_field("raw_text", stored=True)
    builder.add_bytes_field("raw_labels", stored=True)
    builder.add_text_field("place", tokenizer_name="raw", fast=True)
    builder.add_text_field("place_words", tokenizer_name="whitespace", index_option="basic")
    for code in language_codes():
        for name in WORD_FIELDS:
            builder.add_text_field(f"{name}_{code}", tokenizer_name="whitespace")
        # Words as they are typed: for typing errors, prefixes and what was probably meant.
        builder.add_text_field(f"words_{code}", tokenizer_name="whitespace", index_option="freq")
        for name in COMPLETION_FIELDS:
            builder.add_text_field(f"{name}_{code}", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


def tantivy_document(document: SearchDocument) -> Document:
    """Return the document as a row; raises KeyError for a language without rules."""
    found = Document()
    found.add_text("key", document.key)
    found.add_text("content", document.content_id)
    found.add_text("kind", document.type)
    values = {
        "department": document.departments,
        "owner": (document.department,),
        "type": (document.type,),
        "locale": (document.locale,),
        "profession": document.professions,
        "country": document.countries,
        "audience": document.audiences,
        "tag": document.tags,
        "concept": document.concepts,
        "available": document.available,
        "place": document.places,
    }
    for name, each in values.items():
        for value in dict.fromkeys(each):
            found.add_text(name, value)
    found.add_text("sort_title", fold(document.title))
    # As its place among the languages: a number is quicker to read for every hit.
    found.add_integer("language", language_codes().index(document.locale))
    if document.starts_on and document.ends_on:
        found.add_integer("starts", document.starts_on.toordinal())
        found.add_integer("ends", document.ends_on.toordinal())
    found.add_integer("date", _day(document).toordinal())
    found.add_integer("expires", int(document.expires_at.timestamp()) if document.expires_at else NEVER)
    found.add_integer("sequence", document.sequence)
    found.add_float("weight", ranking().weight(document))
    found.add_bytes("raw_title", document.title.encode())
    found.add_bytes("raw_text", " · ".join((*document.names, *document.text.split("\n"))).encode())
    if names := completion_labels(document):
        found.add_bytes("raw_labels", json.dumps(names).encode())
    found.add_text("place_words", _folded(document.places))
    _add_words(found, document)
    return found


def _folded(texts: Iterable[str]) -> str:
    """Return the words of texts in lower case and without accents."""
    return " ".join(fold(part) for text in texts for part in PART.findall(text))


def _add_words(found: Document, document: SearchDocument) -> None:
    own = document.locale

    def add(name: str, code: str, text: str) -> list[Token]:
        cut = tokens_without_positions(text, code)
        found.add_text(f"{name}_{code}", " ".join([token.term for token in cut]))
        found.add_text(f"words_{code}", " ".join([token.word for token in cut]))
        return cut

    title = add("title", own, document.title)
    found.add_text(f"complete_{own}", " ".join([token.folded for token in title]))
    add("names", own, "\n".join(document.names))
    add("text", own, document.text)
    # Places and aliases have the weight of the text of their language, but are not in what highlights are cut from.
    add("text", own, "\n".join(document.places))
    for code in language_codes():
        if labels := document.labels.get(code):
            add("labels", code, "\n".join(labels))
        if aliases := document.aliases.get(code):
            add("text", code, "\n".join(aliases))
    for code, names in completion_labels(document).items():
        if code in language_codes():
            found.add_text(f"named_{code}", _folded(names))


def _day(document: SearchDocument) -> datetime.date:
    """Return the day by which a list is sorted: that of an event, else of publication."""
    if document.starts_on:
        return document.starts_on
    return document.published_at.date() if document.published_at else datetime.date.min
