"""Professions as concepts: their codes and what they are called in every language.

A profession's own titles in all its languages are its labels; so are those of other departments' pages with the same
ESCO occupation. Together they let "social worker" find the French profile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from cms.delivery.models import PublishedDocument

from .documents import SearchDocument, profession_cards

ESCO_PREFIX = "http://data.europa.eu/esco/occupation/"


@dataclass(frozen=True)
class Profession:
    """One profession of the instance. `key` is the facet's value: the ESCO occupation, else the content's id."""

    key: str
    codes: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]


def with_professions(documents: Iterable[SearchDocument], data_of: dict[str, dict[str, Any]]) -> list[SearchDocument]:
    """Add to documents the professions that they are about. `data_of` has the published documents by key.

    A constant number of queries, whatever the number of documents.
    """
    documents = list(documents)
    shown = {document.key: _about(document, data_of[document.key]) for document in documents}
    professions = load_professions({content_id for ids in shown.values() for content_id in ids})
    return [
        _extended(document, [professions[each] for each in shown[document.key] if each in professions])
        for document in documents
    ]


def _about(document: SearchDocument, data: dict[str, Any]) -> list[str]:
    return [document.content_id] if document.type == "profession" else profession_cards(data)


def _extended(document: SearchDocument, professions: list[Profession]) -> SearchDocument:
    if not professions:
        return document
    labels: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for profession in professions:
        for code, names in profession.labels.items():
            labels[code].update(dict.fromkeys(names))
    return replace(
        document,
        professions=tuple(dict.fromkeys(profession.key for profession in professions)),
        concepts=tuple(dict.fromkeys(code for profession in professions for code in profession.codes)),
        # A page that shows a profession is about it; it is not the profession itself.
        labels={code: tuple(names) for code, names in labels.items()} if document.type == "profession" else {},
        names=document.names if document.type == "profession" else (*document.names, *labels.get(document.locale, {})),
    )


def load_professions(content_ids: set[str]) -> dict[str, Profession]:
    """Return professions by content id, with the labels of every page about the same ESCO occupation."""
    if not content_ids:
        return {}
    rows = PublishedDocument.objects.public().filter(type="profession")
    own = [document.data for document in rows.filter(content_id__in=content_ids)]
    labels = _labels(own)
    found: dict[str, Profession] = {}
    for data in own:
        content = data["content"]
        codes = [content["rome_code"], content["isco_code"], content["esco_uri"].removeprefix(ESCO_PREFIX)]
        codes += [content["esco_uri"], data["id"]]
        names: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for (content_id, code), each in labels.items():
            if content_id == data["id"]:
                names[code].update(each)
        found[data["id"]] = Profession(
            key=content["esco_uri"].removeprefix(ESCO_PREFIX) or data["id"],
            codes=tuple(code for code in dict.fromkeys(codes) if code),
            labels={code: tuple(each) for code, each in names.items()},
        )
    return found


def _labels(documents: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, None]]:
    """Return titles and other names by (content id, language)."""
    labels: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for data in documents:
        labels[(data["id"], data["locale"])].update(dict.fromkeys([data["title"], *data["content"]["other_names"]]))
    return labels
