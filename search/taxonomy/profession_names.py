"""Names of the values of the profession facet in the language of a reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.utils.text import capfirst

from cms.delivery.models import PublishedDocument
from search.engines import get_live_engine
from search.models import Concept, ConceptLabel
from search.query.search_query import SearchQuery

from .concepts import code_of, label_languages

# Pages that are read for one value without a name in a classification; several departments may have one each.
PAGES_PER_VALUE = 10


class ProfessionName(NamedTuple):
    """The name of a profession, with a capital first letter like a title, and the language of the name."""

    text: str
    locale: str


def profession_names(keys: Iterable[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    """Return names by key (ESCO occupation or content id), in the first of the languages that has one.

    A name comes from the classification, or else from the title of a published page; a key without either is omitted.
    At most three queries to the database and one to the index, none without keys. Raises EngineUnavailable.
    """
    wanted = set(keys)
    names = _names_from_concepts(wanted, locales)
    names |= _names_from_contents(wanted - names.keys(), locales)
    return names | _names_from_pages(wanted - names.keys(), locales)


def _names_from_concepts(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    if not keys:
        return {}
    languages = label_languages()
    order = {languages[locale]: rank for rank, locale in reversed(list(enumerate(locales)))}
    labels = ConceptLabel.objects.filter(
        concept__scheme=Concept.Scheme.ESCO, concept__code__in=keys, language__in=order
    ).exclude(preferred="")
    rows = labels.values_list("concept__code", "language", "source", "preferred")
    best = sorted(rows, key=lambda row: (order[row[1]], row[2] != ConceptLabel.Source.OFFICIAL), reverse=True)
    return {code: ProfessionName(capfirst(preferred), language) for code, language, _source, preferred in best}


def _names_from_contents(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    ids = set(filter(None, map(_uuid_or_none, keys)))
    if not ids:
        return {}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=ids, locale__in=locales)
    titles = sorted(
        rows.values_list("content_id", "locale", "title"), key=lambda row: locales.index(row[1]), reverse=True
    )
    return {str(content_id): ProfessionName(title, locale) for content_id, locale, title in titles}


def _names_from_pages(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    """Return titles of pages whose ESCO occupation is not imported; the index finds the pages."""
    if not keys:
        return {}
    filters = {"type": ("profession",), "profession": tuple(sorted(keys))}
    answer = get_live_engine().search(
        SearchQuery(filters=filters, locales=tuple(locales), limit=PAGES_PER_VALUE * len(keys))
    )
    rows = PublishedDocument.objects.public().filter(
        type="profession", content_id__in={hit.content_id for hit in answer.hits}, locale__in=locales
    )
    titles = sorted(
        rows.values_list("list_values", "locale", "title"), key=lambda row: locales.index(row[1]), reverse=True
    )
    return {
        key: ProfessionName(title, locale)
        for values, locale, title in titles
        if isinstance(values, dict) and (key := code_of(values, Concept.Scheme.ESCO)) in keys
    }


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
