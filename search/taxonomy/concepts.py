"""Professions as concepts: their codes and what they are called in every language.

A profession's own titles and other names in all its languages are its labels, and so is ESCO's preferred name for its
occupation (`search.models.Concept`). Together they let "social worker" find the French profile. What else ESCO calls
it, and what stands under its ROME code and its ISCO group, which cover several professions, helps to find it and
weighs less.
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

# Addresses of ESCO are written with both protocols; those of ISCO groups have a "C" before the number.
ADDRESS = re.compile(r"https?://data\.europa\.eu/esco/(occupation/|isco/C?)", re.IGNORECASE)
# What is written with a capital: codes of ROME, and those of ISCO groups as ESCO writes them ("C2635"). A document has
# the codes of its groups in both ways: whether "C2635" is of ROME or of ESCO, nobody has to tell.
CAPITAL = re.compile(r"[A-N]\d{4}|C\d{1,3}", re.IGNORECASE)
GROUP_PREFIX = "C"
# Where a profession page's content has the code of a scheme (docs/document.md).
FIELDS = {Concept.Scheme.ESCO: "esco_uri", Concept.Scheme.ROME: "rome_code", Concept.Scheme.ISCO: "isco_code"}

Labels = dict[str, tuple[str, ...]]  # by language


@dataclass(frozen=True)
class Profession:
    """One profession of the instance. `key` is the facet's value: the ESCO occupation, else the content's id.

    `names` are its own and ESCO's preferred one, `aliases` ESCO's others and those of its ROME code and its ISCO group.
    """

    key: str
    codes: tuple[str, ...]
    names: Labels
    aliases: Labels


@dataclass(frozen=True)
class ClassifiedConcept:
    """What the classifications say of one code."""

    notation: str = ""
    group: str = ""
    preferred: dict[str, str] = field(default_factory=dict)
    alternatives: Labels = field(default_factory=dict)


UNCLASSIFIED = ClassifiedConcept()
Code = tuple[str, str]  # scheme and code


def normalize_code(text: str) -> str:
    """Return a code as the index has it: the last part of an address, ROME and "C2635" in capitals, all else small."""
    code = ADDRESS.sub("", text.strip(), count=1)
    return code.upper() if CAPITAL.fullmatch(code) else code.lower()


def code_of(content: Mapping[str, Any], scheme: str) -> str:
    """Return the code of a scheme that a profession's content has; "" for none."""
    return normalize_code(content[FIELDS[Concept.Scheme(scheme)]])


def add_professions(documents: Iterable[SearchDocument], data_of: dict[str, dict[str, Any]]) -> list[SearchDocument]:
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
    return [document.content_id] if document.type == "profession" else shown_profession_ids(data)


def _extended(document: SearchDocument, professions: list[Profession]) -> SearchDocument:
    if not professions:
        return document
    document = replace(
        document,
        professions=tuple(dict.fromkeys(profession.key for profession in professions)),
        concepts=tuple(dict.fromkeys(code for profession in professions for code in profession.codes)),
    )
    if document.type == "profession":
        (own,) = professions
        return replace(document, labels=own.names, aliases=own.aliases)
    # A page that shows a profession is about it; it is not the profession itself.
    names = (name for profession in professions for name in profession.names.get(document.locale, ()))
    return replace(document, names=tuple(dict.fromkeys((*document.names, *names))))


def load_professions(content_ids: set[str]) -> dict[str, Profession]:
    """Return professions by content id. Three queries at most."""
    if not content_ids:
        return {}
    rows = PublishedDocument.objects.public().filter(type="profession", content_id__in=content_ids).order_by("pk")
    pages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in rows:
        data = document.data
        pages[data["id"]].append(data)
    known = load_concepts(
        {
            (scheme, code)
            for same in pages.values()
            for data in same
            for scheme in FIELDS
            if (code := code_of(data["content"], scheme))
        }
    )
    return {content_id: _profession(content_id, same, known) for content_id, same in pages.items()}


def load_concepts(codes: set[Code]) -> dict[Code, ClassifiedConcept]:
    """Return what the classifications say of codes, in the languages of the instance. Two queries."""
    if not codes:
        return {}
    wanted = Q(pk__in=[])
    for scheme in FIELDS:
        wanted |= Q(scheme=scheme, code__in=[code for each, code in codes if each == scheme])
    labels = Prefetch("labels", ConceptLabel.objects.filter(language__in=set(label_languages().values())))
    return {(each.scheme, each.code): _known(each) for each in Concept.objects.filter(wanted).prefetch_related(labels)}


def _known(concept: Concept) -> ClassifiedConcept:
    labels: dict[str, ConceptLabel] = {}
    for label in concept.labels.all():
        if label.language not in labels or label.source == ConceptLabel.Source.OFFICIAL:
            labels[label.language] = label
    in_language = {code: labels[each] for code, each in label_languages().items() if each in labels}
    return ClassifiedConcept(
        notation=concept.notation,
        group=concept.group,
        preferred={code: label.preferred for code, label in in_language.items() if label.preferred},
        alternatives={code: tuple(label.alternatives) for code, label in in_language.items()},
    )


def label_languages() -> dict[str, str]:
    """Return, for each language of the instance, that of its labels: a region ("pt-br") has those of its language."""
    return {code: code.partition("-")[0] for code in language_codes()}


def _profession(content_id: str, pages: list[dict[str, Any]], known: dict[Code, ClassifiedConcept]) -> Profession:
    """Bring together the pages of one profession, one for each language."""
    found = {scheme: _codes(pages, scheme) for scheme in FIELDS}
    occupations = [known.get((Concept.Scheme.ESCO, code), UNCLASSIFIED) for code in found[Concept.Scheme.ESCO]]
    kin = [known.get((Concept.Scheme.ROME, code), UNCLASSIFIED) for code in found[Concept.Scheme.ROME]]
    groups = [known.get((Concept.Scheme.ISCO, code), UNCLASSIFIED) for code in found[Concept.Scheme.ISCO]]
    own = {data["locale"]: (data["title"], *data["content"]["other_names"]) for data in pages}
    codes = [code for scheme in FIELDS for code in found[scheme]]
    codes += [code for each in occupations for code in (each.notation, each.group)]
    in_groups = [*found[Concept.Scheme.ISCO], *(each.group for each in occupations)]
    codes += [GROUP_PREFIX + code for code in in_groups if code]
    return Profession(
        key=next(iter(found[Concept.Scheme.ESCO]), content_id),
        codes=tuple(code for code in dict.fromkeys([*codes, content_id]) if code),
        names=_merged(own, *map(_preferred, occupations)),
        aliases=_merged(
            *(each.alternatives for each in occupations),
            *map(_preferred, [*kin, *groups]),
            *(each.alternatives for each in kin),
        ),
    )


def _preferred(known: ClassifiedConcept) -> Labels:
    return {code: (name,) for code, name in known.preferred.items()}


def _codes(pages: list[dict[str, Any]], scheme: str) -> list[str]:
    return [code for code in dict.fromkeys(code_of(data["content"], scheme) for data in pages) if code]


def _merged(*several: Mapping[str, Iterable[str]]) -> Labels:
    """Join names language by language, each once, in their order."""
    joined: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for labels in several:
        for code, names in labels.items():
            joined[code].update(dict.fromkeys(names))
    return {code: tuple(names) for code, names in joined.items()}
