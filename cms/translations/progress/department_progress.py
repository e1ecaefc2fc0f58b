"""The progress of all translated pages of a department in one language, summed up in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Substr
from wagtail.models import Page

from cms.translations.models import TranslationProgress
from sites.access.ownership import CONTAINER_PATH_LENGTH
from sites.models import Department, DepartmentLocale


@dataclass(frozen=True)
class LanguageProgress:
    """Numbers of the translated pages (`contents`), texts and words of a department (its slug) in one language."""

    department: str
    locale: str
    contents: int = 0
    segments: int = 0
    translated: int = 0
    outdated: int = 0
    words: int = 0
    words_to_do: int = 0


SUMS = ("segments", "translated", "outdated", "words", "words_to_do")


def progress_by_language(department: Department | None = None) -> list[LanguageProgress]:
    """Return the progress of one or all departments in each of their languages of translation. Two queries."""
    languages = DepartmentLocale.objects.filter(is_source=False).order_by("department__code", "locale__language_code")
    if department is not None:
        languages = languages.filter(department=department)
    originals = Page.objects.filter(
        translation_key=OuterRef("translation__source__object"), locale=OuterRef("translation__source__locale")
    )
    rows = (
        TranslationProgress.objects.filter(translation__enabled=True)
        .annotate(container=Substr(Subquery(originals.values("path")[:1]), 1, CONTAINER_PATH_LENGTH))
        .values("container", "translation__target_locale")
        .annotate(contents=Count("pk"), **{f"sum_of_{name}": Sum(name) for name in SUMS})
        .order_by()
    )
    if department is not None:
        rows = rows.filter(container=department.container.path)
    found = {(row["container"], row["translation__target_locale"]): row for row in rows}
    names = languages.values_list("department__slug", "department__container__path", "locale", "locale__language_code")
    return [_progress(slug, code, found.get((path, locale))) for slug, path, locale, code in names]


def _progress(slug: str, code: str, row: Mapping[str, Any] | None) -> LanguageProgress:
    if row is None:
        return LanguageProgress(slug, code)
    return LanguageProgress(slug, code, row["contents"], **{name: row[f"sum_of_{name}"] for name in SUMS})
