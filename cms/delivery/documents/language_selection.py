"""Documents in the fallback languages of a missing language."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, When

from cms.delivery.models.document import PublishedDocumentQuerySet
from sites.models import DepartmentLocale
from sites.models.language_chains import language_chains


def departments_by_chain(locale: str) -> dict[tuple[str, ...], list[int]]:
    """Return the departments (keys) that share each chain of languages for a missing `locale`. One query.

    Departments without such a chain are left out.
    """
    rows = DepartmentLocale.objects.select_related("locale").order_by("department_id", "pk")
    departments: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for department_id, languages in groupby(rows, key=lambda row: row.department_id):
        if chain := language_chains(languages).get(locale):
            departments[chain].append(department_id)
    return departments


def with_fallbacks(documents: PublishedDocumentQuerySet, locale: str) -> PublishedDocumentQuerySet:
    """Return each content once: in the language, or else in the first existing one of its department's chain.

    A content exists in a language if it is one of `documents`. One query, for the chains. The condition has a case for
    each language and position in a chain, whatever the number of different chains.
    """
    ranked = documents.alias(rank=_rank(locale))
    better = ranked.filter(content_id=OuterRef("content_id"), rank__lt=OuterRef("rank"))
    return ranked.filter(Q(locale=locale) | (Q(rank__gt=0) & ~Exists(better)))


def _rank(locale: str) -> Case:
    """Return the position of a document's language in the chain of its department: 0 for `locale`, null outside."""
    departments: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for chain, members in departments_by_chain(locale).items():
        for position, code in enumerate(chain, start=1):
            departments[(position, code)] += members
    cases = [
        When(locale=code, department__in=members, then=position) for (position, code), members in departments.items()
    ]
    return Case(When(locale=locale, then=0), *cases, default=None, output_field=IntegerField())
