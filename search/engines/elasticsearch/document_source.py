"""The mapping of a search document to the source of an Elasticsearch document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from search.linguistics.languages import language_codes
from search.linguistics.tokens import fold, tokens_without_positions
from search.query.completion_ranking import completion_labels
from search.query.ranking import ranking
from search.search_documents import SearchDocument


def document_source(document: SearchDocument) -> dict[str, Any]:
    """Return the source of a document."""
    day = document.starts_on or (document.published_at.date() if document.published_at else None)
    labels = {code: names for code, names in document.labels.items() if code in language_codes()}
    return {
        **document.facet_values(),
        "content_id": document.content_id,
        "owner": document.department,
        # Hits read these as single values.
        "type": document.type,
        "locale": document.locale,
        "concept": document.concepts,
        "available": document.available,
        "place": document.places,
        "title": document.title,
        "names": document.names,
        "text": document.text,
        "named": {code: names for code, names in completion_labels(document).items() if code in language_codes()},
        "aliases": document.aliases.get(document.locale, ()),
        "foreign_aliases": [name for _code, name in _foreign_aliases(document)],
        "foreign_terms": [
            " ".join(token.term for token in tokens_without_positions(name, code))
            for code, name in _foreign_aliases(document)
        ],
        "labels": labels,
        "sort_title": fold(document.title),
        "starts": document.starts_on,
        "ends": document.ends_on,
        "over": document.over_at,
        "date": day,
        "expires": document.expires_at,
        "sequence": document.sequence,
        "weight": ranking().weight(document),
    }


def _foreign_aliases(document: SearchDocument) -> Iterator[tuple[str, str]]:
    """Yield (language, name) for each alias in another language of the instance than the document's."""
    for code, names in document.aliases.items():
        if code in language_codes() and code != document.locale:
            for name in names:
                yield code, name
