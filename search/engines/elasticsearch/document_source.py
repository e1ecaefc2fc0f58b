"""How a document becomes a row of the cluster."""

from __future__ import annotations

from typing import Any

from search.linguistics.languages import language_codes
from search.linguistics.tokens import fold, tokens_without_positions
from search.query.completion_ranking import completion_labels
from search.query.ranking import ranking
from search.search_documents import SearchDocument


def document_source(document: SearchDocument) -> dict[str, Any]:
    """Return the source of a document."""
    day = document.starts_on or (document.published_at.date() if document.published_at else None)
    return {
        "content_id": document.content_id,
        "department": document.departments,
        "owner": document.department,
        "type": document.type,
        "locale": document.locale,
        "profession": document.professions,
        "country": document.countries,
        "audience": document.audiences,
        "tag": document.tags,
        "concept": document.concepts,
        "available": document.available,
        "place": document.places,
        "title": document.title,
        "names": document.names,
        "text": document.text,
        "named": {code: names for code, names in completion_labels(document).items() if code in language_codes()},
        "aliases": document.aliases.get(document.locale, ()),
        "foreign_aliases": [
            name
            for code, names in document.aliases.items()
            if code in language_codes() and code != document.locale
            for name in names
        ],
        "foreign_terms": [
            " ".join(token.term for token in tokens_without_positions(name, code))
            for code, names in document.aliases.items()
            if code in language_codes() and code != document.locale
            for name in names
        ],
        "labels": {code: labels for code, labels in document.labels.items() if code in language_codes()},
        "sort_title": fold(document.title),
        "starts": document.starts_on,
        "ends": document.ends_on,
        "date": day,
        "expires": document.expires_at,
        "sequence": document.sequence,
        "weight": ranking().weight(document),
    }
