"""Documents in the languages that stand in for a missing one."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from django.db.models import Exists, OuterRef, Q

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

    A content exists in a language if it is one of `documents`. One query, for the chains.
    """
    is_shown = Q(locale=locale)
    for chain, departments in departments_by_chain(locale).items():
        preferred = [locale]
        for code in chain:
            better = documents.filter(content_id=OuterRef("content_id"), locale__in=list(preferred))
            is_shown |= Q(department__in=departments, locale=code) & ~Q(Exists(better))
            preferred.append(code)
    return documents.filter(is_shown)
