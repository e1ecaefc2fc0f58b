"""Fills the glossaries of departments with the names of the professions on their pages."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from django.core.exceptions import ValidationError
from wagtail.models import Locale

from cms.delivery.models import PublishedDocument
from cms.translations.glossary.term_matching import TermTranslation
from cms.translations.glossary.term_storage import AddedTerms, add_terms
from cms.translations.memory.signatures import Scope
from cms.translations.models import GlossaryTerm
from cms.translations.models.language_data.glossary_term import MAX_TERM_LENGTH
from search.models import Concept, ConceptLabel
from search.taxonomy.concepts import code_of, label_languages
from sites.models import Department, DepartmentLocale


def fill_empty_glossaries() -> tuple[int, list[str]]:
    """Add the names of professions to each glossary without a term; return their number, and an error for each failure.

    A glossary that has terms is left alone, so that a term that somebody deleted does not come back.
    """
    added, errors = 0, []
    filled = set(GlossaryTerm.objects.values_list("department", "target_locale").distinct())
    rows = DepartmentLocale.objects.filter(is_source=False, department__suspended_at=None)
    for row in rows.select_related("department", "locale").order_by("pk"):
        if (row.department_id, row.locale_id) in filled:
            continue
        try:
            added += fill_glossary(row.department, row.locale).added
        except ValidationError as refusal:
            reason = " ".join(refusal.messages)
            errors.append(f"the glossary of {row.department.slug} into {row.locale.language_code} is empty: {reason}")
    return added, errors


def fill_glossary(department: Department, target: Locale) -> AddedTerms:
    """Add the names of the professions of a department's public pages, from its source language into another one.

    These are the names of their ESCO occupations, if ESCO is imported, and the titles of the pages that are public in
    both languages. Terms that people have written are never changed. Three queries, and those of `add_terms`. Raises
    ValidationError if the department would have too many terms.
    """
    source = department.source_locale
    rows = PublishedDocument.objects.public().filter(
        department=department, type="profession", locale__in=(source.language_code, target.language_code)
    )
    titles: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    codes = set()
    for document in rows:
        if (data := document.data) is None:
            continue
        titles[document.content_id][data["locale"]] = data["title"]
        if code := code_of(data["content"], Concept.Scheme.ESCO):
            codes.add(code)
    names = [*_labels(codes, source.language_code, target.language_code), *_pairs(titles, source, target)]
    terms: dict[str, TermTranslation] = {}
    for original, translation in names:
        if original and translation and max(len(original), len(translation)) <= MAX_TERM_LENGTH:
            terms.setdefault(original.casefold(), TermTranslation(original, translation))
    scope = Scope(department.pk, source.pk, target.pk)
    return add_terms(scope, terms.values(), GlossaryTerm.Origin.PROFESSION)


def _pairs(titles: dict[UUID, dict[str, str]], source: Locale, target: Locale) -> list[tuple[str, str]]:
    codes = (source.language_code, target.language_code)
    pairs = [(found[codes[0]], found[codes[1]]) for found in titles.values() if found.keys() >= set(codes)]
    # A title that nobody has translated yet is the same.
    return [(original, translation) for original, translation in pairs if original != translation]


def _labels(codes: set[str], source: str, target: str) -> list[tuple[str, str]]:
    """Return the preferred names of ESCO occupations in two languages. An official name precedes one of the demo."""
    languages = label_languages()
    wanted = (languages.get(source, source), languages.get(target, target))
    rows = ConceptLabel.objects.filter(
        concept__scheme=Concept.Scheme.ESCO, concept__code__in=codes, language__in=wanted
    ).exclude(preferred="")
    names: defaultdict[str, dict[str, str]] = defaultdict(dict)
    official_last = sorted(
        rows.values_list("concept__code", "language", "source", "preferred"),
        key=lambda row: (row[0], row[2] == ConceptLabel.Source.OFFICIAL),
    )
    for code, language, _source, name in official_last:
        names[code][language] = name
    return [(found.get(wanted[0], ""), found.get(wanted[1], "")) for found in names.values()]
