"""Finds the contents that departments or the instance promote for the words of a query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from search.linguistics.comparable_words import comparable_words
from search.linguistics.languages import language_codes
from search.query.search_query import SORTS, SearchQuery
from search.search_documents import document_key

MAX_PROMOTED = 10  # contents for the same words
ALL_DEPARTMENTS = ""

PromotionScope = tuple[str, str]
"""Slug of the department, or `ALL_DEPARTMENTS`, and language."""
Words = frozenset[str]


@dataclass(frozen=True)
class Promotions:
    """The promotions as this process read them last: (words, content id) in order, by scope."""

    version: UUID | None = None
    rows: dict[PromotionScope, list[tuple[str, str]]] = field(default_factory=dict)
    compiled: dict[PromotionScope, dict[Words, list[str]]] = field(default_factory=dict)

    def contents_by_words(self, scope: PromotionScope) -> dict[Words, list[str]]:
        """Return the contents of a scope by comparable words, compiled at the first call."""
        compiled = self.compiled.get(scope)
        if compiled is None:
            contents: defaultdict[Words, list[str]] = defaultdict(list)
            for words, content_id in self.rows.get(scope, ()):
                contents[comparable_words(words, scope[1])].append(content_id)
            compiled = self.compiled[scope] = dict(contents)
        return compiled


# Replaced as a whole, so that a search in another thread continues with the object that it started with.
_promotions = Promotions()


def refresh_promotions(version: UUID | None, read: Callable[[], Iterable[tuple[str | None, str, str, UUID]]]) -> None:
    """Read the promotions again if their cache version has changed.

    `read` returns (slug of the department or None, language, words, content id), in the order of results.
    """
    global _promotions
    if version == _promotions.version:
        return
    rows: defaultdict[PromotionScope, list[tuple[str, str]]] = defaultdict(list)
    for department, language_code, words, content_id in read():
        rows[(department or ALL_DEPARTMENTS, language_code)].append((words, str(content_id)))
    _promotions = Promotions(version, dict(rows))


def promoted_keys(query: SearchQuery) -> tuple[str, ...]:
    """Return the keys of the promoted documents in order, as of the last `refresh_promotions`.

    A search in one department uses that department's promotions, a search in all departments those of the instance.
    The first requested language counts; without one, the words of each language lead to documents in that language.
    """
    departments = query.filters.get("department", ())
    if query.sort != SORTS[0] or query.words.excluded or len(departments) > 1:
        return ()
    department = departments[0] if departments else ALL_DEPARTMENTS
    text = " ".join([query.words.text, *query.words.phrases])
    languages = query.locales[:1] or language_codes()
    keys: dict[str, None] = {}
    for code in languages:
        promoted = _promotions.contents_by_words((department, code))
        for content_id in promoted.get(comparable_words(text, code), [])[:MAX_PROMOTED] if promoted else ():
            # The engine shows a content in the first language of the fallback chain in which it exists.
            keys |= dict.fromkeys(document_key(content_id, locale) for locale in query.locales or (code,))
    return tuple(keys)
