"""What the values of the facet of professions are called, in a reader's language."""

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

# Pages looked through for one value that no classification names; several departments may have one each.
PAGES_FOR_EACH = 10


class ProfessionName(NamedTuple):
    """What a profession is called, beginning with a capital as titles do, and the language of that."""

    text: str
    locale: str


def profession_names(keys: Iterable[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    """Return names by key (ESCO occupation or content), in the first of the languages that has one.

    The classification's own name, else the title of a published page. At most three queries to the database and one to
    the index, none for no keys; a key that nothing published explains is left out. Raises EngineUnavailable.
    """
    wanted = set(keys)
    names = _of_concepts(wanted, locales)
    names |= _of_contents(wanted - names.keys(), locales)
    return names | _of_pages(wanted - names.keys(), locales)


def _of_concepts(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    if not keys:
        return {}
    languages = label_languages()
    order = {languages[locale]: place for place, locale in reversed(list(enumerate(locales)))}
    labels = ConceptLabel.objects.filter(
        concept__scheme=Concept.Scheme.ESCO, concept__code__in=keys, language__in=order
    ).exclude(preferred="")
    rows = labels.values_list("concept__code", "language", "source", "preferred")
    best = sorted(rows, key=lambda row: (order[row[1]], row[2] != ConceptLabel.Source.OFFICIAL), reverse=True)
    return {code: ProfessionName(capfirst(preferred), language) for code, language, _source, preferred in best}


def _of_contents(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    ids = set(filter(None, map(_uuid, keys)))
    if not ids:
        return {}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=ids, locale__in=locales)
    titles = sorted(
        rows.values_list("content_id", "locale", "title"), key=lambda row: locales.index(row[1]), reverse=True
    )
    return {str(content_id): ProfessionName(title, locale) for content_id, locale, title in titles}


def _of_pages(keys: set[str], locales: Sequence[str]) -> dict[str, ProfessionName]:
    """Return titles of pages whose ESCO occupation nobody has imported; the index knows which pages they are."""
    if not keys:
        return {}
    filters = {"type": ("profession",), "profession": tuple(sorted(keys))}
    answer = get_live_engine().search(
        SearchQuery(filters=filters, locales=tuple(locales), limit=PAGES_FOR_EACH * len(keys))
    )
    rows = PublishedDocument.objects.public().filter(
        type="profession", content_id__in={hit.content_id for hit in answer.hits}, locale__in=locales
    )
    found = sorted((document.data for document in rows), key=lambda data: locales.index(data["locale"]), reverse=True)
    return {
        key: ProfessionName(data["title"], data["locale"])
        for data in found
        if (key := code_of(data["content"], Concept.Scheme.ESCO)) in keys
    }


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
