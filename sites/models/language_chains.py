"""The chains of fallback languages of a department."""

from __future__ import annotations

from collections.abc import Iterable

from .department import DepartmentLocale


def language_chains(rows: Iterable[DepartmentLocale]) -> dict[str, tuple[str, ...]]:
    """Return, for each language code of one department, the codes of its fallback languages in order of preference.

    `rows` are all languages of the department, with their locales fetched. Makes no query. A cycle, which
    `set_fallbacks` refuses, ends before its first language is repeated.
    """
    by_key = {row.pk: row for row in rows}
    return {row.locale.language_code: tuple(_chain(row, by_key)) for row in by_key.values()}


def _chain(row: DepartmentLocale, by_key: dict[int, DepartmentLocale]) -> Iterable[str]:
    visited = {row.pk}
    following = by_key.get(row.fallback_id or 0)
    while following is not None and following.pk not in visited:
        visited.add(following.pk)
        yield following.locale.language_code
        following = by_key.get(following.fallback_id or 0)
