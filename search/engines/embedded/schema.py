"""The schema of the embedded index, and the mapping of a search document to it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from functools import cache

from tantivy import Document, Schema, SchemaBuilder

from search.facets import facet_names
from search.linguistics.languages import language_codes
from search.linguistics.tokens import PART, Token, fold, tokens_without_positions
from search.query.completion_ranking import completion_labels
from search.query.ranking import ranking
from search.search_documents import SearchDocument

# Text fields, one for each language. Their factors are in ranking.toml.
WORD_FIELDS = ("title", "labels", "names", "text")
# Fields of folded words for completions, one for each language: of titles, and of the names of professions.
COMPLETION_FIELDS = ("complete", "named")
NEVER = 2**62


def schema() -> Schema:
    """Return the schema for the declared facets and languages. tantivy refuses an index made with another schema."""
    return _schema(facet_names(), tuple(language_codes()))


@cache
def _schema(facets: tuple[str, ...], languages: tuple[str, ...]) -> Schema:
    builder = SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", fast=True)
    builder.add_text_field("content", stored=True, tokenizer_name="raw")
    for name in facets:
        builder.add_text_field(name, tokenizer_name="raw", fast=True)
    builder.add_text_field("owner", tokenizer_name="raw", fast=True)
    builder.add_text_field("concept", tokenizer_name="raw")
    builder.add_text_field("available", tokenizer_name="raw")
    builder.add_text_field("sort_title", tokenizer_name="raw", fast=True)
    builder.add_integer_field("language", stored=True, fast=True)
    builder.add_integer_field("starts", indexed=True, fast=True)
    builder.add_integer_field("ends", indexed=True, fast=True)
    builder.add_integer_field("over", fast=True)
    builder.add_integer_field("date", fast=True)
    builder.add_integer_field("expires", indexed=True, fast=True)
    builder.add_integer_field("sequence", stored=True, fast=True)
    builder.add_float_field("weight", fast=True)
    # Stored for highlights and completions, not searched.
    builder.add_text_field("kind", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("raw_title", stored=True)
    builder.add_bytes_field("raw_text", stored=True)
    builder.add_bytes_field("raw_labels", stored=True)
    builder.add_text_field("place", tokenizer_name="raw", fast=True)
    builder.add_text_field("place_words", tokenizer_name="whitespace", index_option="basic")
    for code in languages:
        for name in WORD_FIELDS:
            builder.add_text_field(f"{name}_{code}", tokenizer_name="whitespace")
        # Words as they are written, for typing errors, prefixes and suggestions.
        builder.add_text_field(f"words_{code}", tokenizer_name="whitespace", index_option="freq")
        for name in COMPLETION_FIELDS:
            builder.add_text_field(f"{name}_{code}", tokenizer_name="whitespace", index_option="basic")
    return builder.build()


def tantivy_document(document: SearchDocument) -> Document:
    """Return the document for the index. Raises KeyError for a language without rules."""
    result = Document()
    result.add_text("key", document.key)
    result.add_text("content", document.content_id)
    result.add_text("kind", document.type)
    keywords = {
        **document.facet_values(),
        "owner": (document.department,),
        "concept": document.concepts,
        "available": document.available,
        "place": document.places,
    }
    for name, values in keywords.items():
        for value in dict.fromkeys(values):
            result.add_text(name, value)
    result.add_text("sort_title", fold(document.title))
    # The number of the language is faster to read for each hit than its code.
    result.add_integer("language", language_codes().index(document.locale))
    if document.starts_on and document.ends_on:
        result.add_integer("starts", document.starts_on.toordinal())
        result.add_integer("ends", document.ends_on.toordinal())
    if document.over_at:
        result.add_integer("over", int(document.over_at.timestamp()))
    result.add_integer("date", _sort_day(document).toordinal())
    result.add_integer("expires", int(document.expires_at.timestamp()) if document.expires_at else NEVER)
    result.add_integer("sequence", document.sequence)
    result.add_float("weight", ranking().weight(document))
    result.add_bytes("raw_title", document.title.encode())
    result.add_bytes("raw_text", " · ".join((*document.names, *document.text.split("\n"))).encode())
    if names := completion_labels(document):
        result.add_bytes("raw_labels", json.dumps(names).encode())
    result.add_text("place_words", _folded_words(document.places))
    _add_words(result, document)
    return result


def _folded_words(texts: Iterable[str]) -> str:
    """Return the words of the texts in lower case and without accents, separated by spaces."""
    return " ".join(fold(part) for text in texts for part in PART.findall(text))


def _add_words(result: Document, document: SearchDocument) -> None:
    """Add the searched texts of a document, each to the field of its language."""
    locale = document.locale

    def add(name: str, code: str, text: str) -> list[Token]:
        found = tokens_without_positions(text, code)
        result.add_text(f"{name}_{code}", " ".join([token.term for token in found]))
        result.add_text(f"words_{code}", " ".join([token.word for token in found]))
        return found

    title = add("title", locale, document.title)
    result.add_text(f"complete_{locale}", " ".join([token.folded for token in title]))
    add("names", locale, "\n".join(document.names))
    add("text", locale, document.text)
    # Places and aliases weigh as much as text. They are not in the stored text, from which highlights are made.
    add("text", locale, "\n".join(document.places))
    for code in language_codes():
        if labels := document.labels.get(code):
            add("labels", code, "\n".join(labels))
        if aliases := document.aliases.get(code):
            add("text", code, "\n".join(aliases))
    for code, names in completion_labels(document).items():
        if code in language_codes():
            result.add_text(f"named_{code}", _folded_words(names))


def _sort_day(document: SearchDocument) -> datetime.date:
    """Return the day for sorting by date: the first day of an event, else the day of publication."""
    if document.starts_on:
        return document.starts_on
    return document.published_at.date() if document.published_at else datetime.date.min
