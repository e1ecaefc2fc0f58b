"""Professions as concepts: their codes and their labels in every language.

The labels of a profession are its titles and other names in all its languages, and the preferred name of its ESCO
occupation (`search.models.Concept`): with them, "social worker" finds the French page. Its aliases weigh less: the
alternative names in ESCO, and the names of its ROME code and its ISCO group, which cover several professions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Prefetch, Q

from cms.delivery.models import PublishedDocument
from search.linguistics.languages import language_codes
from search.models import Concept, ConceptLabel
from search.search_documents import SearchDocument, shown_profession_ids

# URIs of ESCO occur with both protocols; those of ISCO groups have a "C" before the number.
URI = re.compile(r"https?://data\.europa\.eu/esco/(occupation/|isco/C?)", re.IGNORECASE)
# Codes with a capital letter: those of ROME, and those of ISCO groups as ESCO writes them ("C2635"). A document has its
# groups with and without the letter, so that a "C2635" is found whether it is a group or a ROME code.
CAPITALISED = re.compile(r"[A-N]\d{4}|C\d{1,3}", re.IGNORECASE)
GROUP_PREFIX = "C"
# Professions whose documents are in memory at once.
PAGES_AT_ONCE = 20
# The field of a profession page's content that has the code of a scheme (docs/document.md).
FIELDS = {Concept.Scheme.ESCO: "esco_uri", Concept.Scheme.ROME: "rome_code", Concept.Scheme.ISCO: "isco_code"}

Labels = dict[str, tuple[str, ...]]  # by language


@dataclass(frozen=True)
class Profession:
    """A profession of the instance. `key` is its value in the facet: the ESCO occupation, or else the content id.

    `names` are its titles, its other names and the preferred name in ESCO; `aliases` are the alternative names in ESCO
    and the names of its ROME code and its ISCO group.
    """

    key: str
    codes: tuple[str, ...]
    names: Labels
    aliases: Labels


@dataclass(frozen=True)
class ClassifiedConcept:
    """The data of the classifications for one code."""

    notation: str = ""
    group: str = ""
    preferred: dict[str, str] = field(default_factory=dict)
    alternatives: Labels = field(default_factory=dict)


UNCLASSIFIED = ClassifiedConcept()
Code = tuple[str, str]  # scheme and code


def normalize_code(text: str) -> str:
    """Return a code as the index stores it: without the URI before it, "C2635" and ROME codes in upper case."""
    code = URI.sub("", text.strip(), count=1)
    return code.upper() if CAPITALISED.fullmatch(code) else code.lower()


def code_of(content: Mapping[str, Any], scheme: str) -> str:
    """Return the code of a scheme in the content of a profession; "" if it has none."""
    return normalize_code(content[FIELDS[Concept.Scheme(scheme)]])


def add_professions(documents: Iterable[SearchDocument], data_of: dict[str, dict[str, Any]]) -> list[SearchDocument]:
    """Return the documents with the professions that they are about. `data_of` has the published documents by key.

    The number of queries does not depend on the number of documents.
    """
    documents = list(documents)
    profession_ids = {document.key: _profession_ids(document, data_of[document.key]) for document in documents}
    professions = load_professions({content_id for ids in profession_ids.values() for content_id in ids})
    return [
        _with_professions(document, [professions[key] for key in profession_ids[document.key] if key in professions])
        for document in documents
    ]


def _profession_ids(document: SearchDocument, data: dict[str, Any]) -> list[str]:
    return [document.content_id] if document.type == "profession" else shown_profession_ids(data)


def _with_professions(document: SearchDocument, professions: list[Profession]) -> SearchDocument:
    if not professions:
        return document
    document = replace(
        document,
        professions=tuple(dict.fromkeys(profession.key for profession in professions)),
        concepts=tuple(dict.fromkeys(code for profession in professions for code in profession.codes)),
    )
    if document.type == "profession":
        (profession,) = professions
        return replace(document, labels=profession.names, aliases=profession.aliases)
    # On another page the names of the professions are names of the page, not labels.
    names = (name for profession in professions for name in profession.names.get(document.locale, ()))
    return replace(document, names=tuple(dict.fromkeys((*document.names, *names))))


def load_professions(content_ids: set[str]) -> dict[str, Profession]:
    """Return professions by content id. At most three queries."""
    if not content_ids:
        return {}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=content_ids).order_by("pk")
    pages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in rows.iterator(chunk_size=PAGES_AT_ONCE):
        if data := document.data:
            content = {key: data["content"][key] for key in ("other_names", *FIELDS.values())}
            pages[data["id"]].append({"locale": data["locale"], "title": data["title"], "content": content})
    concepts = load_concepts(
        {
            (scheme, code)
            for versions in pages.values()
            for data in versions
            for scheme in FIELDS
            if (code := code_of(data["content"], scheme))
        }
    )
    return {content_id: _profession(content_id, versions, concepts) for content_id, versions in pages.items()}


def load_concepts(codes: set[Code]) -> dict[Code, ClassifiedConcept]:
    """Return the data of the classifications by code, in the languages of the instance. Two queries."""
    if not codes:
        return {}
    wanted = Q(pk__in=[])
    for scheme in FIELDS:
        wanted |= Q(scheme=scheme, code__in=[code for code_scheme, code in codes if code_scheme == scheme])
    labels = Prefetch("labels", ConceptLabel.objects.filter(language__in=set(label_languages().values())))
    concepts = Concept.objects.filter(wanted).prefetch_related(labels)
    return {(concept.scheme, concept.code): _classified(concept) for concept in concepts}


def _classified(concept: Concept) -> ClassifiedConcept:
    labels: dict[str, ConceptLabel] = {}
    for label in concept.labels.all():
        if label.language not in labels or label.source == ConceptLabel.Source.OFFICIAL:
            labels[label.language] = label
    in_language = {code: labels[language] for code, language in label_languages().items() if language in labels}
    return ClassifiedConcept(
        notation=concept.notation,
        group=concept.group,
        preferred={code: label.preferred for code, label in in_language.items() if label.preferred},
        alternatives={code: tuple(label.alternatives) for code, label in in_language.items()},
    )


def label_languages() -> dict[str, str]:
    """Return the language of the labels by language of the instance: "pt" for the regional code "pt-br"."""
    return {code: code.partition("-")[0] for code in language_codes()}


def _profession(content_id: str, pages: list[dict[str, Any]], concepts: dict[Code, ClassifiedConcept]) -> Profession:
    """Return a profession from its pages, one for each language."""
    codes_by_scheme = {scheme: _codes(pages, scheme) for scheme in FIELDS}

    def classified(scheme: Concept.Scheme) -> list[ClassifiedConcept]:
        return [concepts.get((scheme, code), UNCLASSIFIED) for code in codes_by_scheme[scheme]]

    occupations = classified(Concept.Scheme.ESCO)
    related_occupations = classified(Concept.Scheme.ROME)
    groups = classified(Concept.Scheme.ISCO)
    page_names = {data["locale"]: (data["title"], *data["content"]["other_names"]) for data in pages}
    codes = [code for scheme in FIELDS for code in codes_by_scheme[scheme]]
    codes += [code for occupation in occupations for code in (occupation.notation, occupation.group)]
    group_codes = [*codes_by_scheme[Concept.Scheme.ISCO], *(occupation.group for occupation in occupations)]
    codes += [GROUP_PREFIX + code for code in group_codes if code]
    return Profession(
        key=next(iter(codes_by_scheme[Concept.Scheme.ESCO]), content_id),
        codes=tuple(code for code in dict.fromkeys([*codes, content_id]) if code),
        names=_merged(page_names, *map(_preferred, occupations)),
        aliases=_merged(
            *(occupation.alternatives for occupation in occupations),
            *map(_preferred, [*related_occupations, *groups]),
            *(occupation.alternatives for occupation in related_occupations),
        ),
    )


def _preferred(concept: ClassifiedConcept) -> Labels:
    return {code: (name,) for code, name in concept.preferred.items()}


def _codes(pages: list[dict[str, Any]], scheme: str) -> list[str]:
    return [code for code in dict.fromkeys(code_of(data["content"], scheme) for data in pages) if code]


def _merged(*label_maps: Mapping[str, Iterable[str]]) -> Labels:
    """Return the names of all arguments by language, each name once, in order."""
    merged: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for labels in label_maps:
        for code, names in labels.items():
            merged[code].update(dict.fromkeys(names))
    return {code: tuple(names) for code, names in merged.items()}
