"""What is shown first for certain words: looked up for each query among what departments and the instance promote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from search.linguistics.comparable_words import comparable_words
from search.linguistics.languages import language_codes
from search.query.search_query import SORTS, SearchQuery
from search.search_documents import document_key

MOST = 10  # contents for the same words
EVERYWHERE = ""

PromotionScope = tuple[str, str]
"""Slug of the department (`EVERYWHERE` for searches over all) and language."""
Words = frozenset[str]


@dataclass(frozen=True)
class Promotions:
    """All of them as this process read them last: (words, content id) in their order, by place."""

    version: UUID | None = None
    rows: dict[PromotionScope, list[tuple[str, str]]] = field(default_factory=dict)
    compiled: dict[PromotionScope, dict[Words, list[str]]] = field(default_factory=dict)

    def contents_by_words(self, place: PromotionScope) -> dict[Words, list[str]]:
        """Return the contents by words, compiled when a place is asked for the first time."""
        found = self.compiled.get(place)
        if found is None:
            contents: defaultdict[Words, list[str]] = defaultdict(list)
            for words, content_id in self.rows.get(place, ()):
                contents[comparable_words(words, place[1])].append(content_id)
            found = self.compiled[place] = dict(contents)
        return found


# Replaced as a whole: threads that are searching go on with the one they have.
_promotions = Promotions()


def refresh_promotions(mark: UUID | None, read: Callable[[], Iterable[tuple[str | None, str, str, UUID]]]) -> None:
    """Take over the promotions if their mark is another than last time.

    `read` returns (slug of the department or None, language, words, content id), in the order of results.
    """
    global _promotions
    if mark == _promotions.version:
        return
    rows: defaultdict[PromotionScope, list[tuple[str, str]]] = defaultdict(list)
    for department, language_code, words, content_id in read():
        rows[(department or EVERYWHERE, language_code)].append((words, str(content_id)))
    _promotions = Promotions(mark, dict(rows))


def promoted_keys(query: SearchQuery) -> tuple[str, ...]:
    """Return the keys of the documents that come first, in their order, as of the last `refresh`.

    A search in one department has that department's, a search over all those of the instance. The first language asked
    for counts; without any, each language's words lead to documents in that language.
    """
    departments = query.filters.get("department", ())
    if query.sort != SORTS[0] or query.words.excluded or len(departments) > 1:
        return ()
    place = departments[0] if departments else EVERYWHERE
    text = " ".join([query.words.text, *query.words.phrases])
    languages = query.locales[:1] or language_codes()
    keys: dict[str, None] = {}
    for code in languages:
        promoted = _promotions.contents_by_words((place, code))
        for content_id in promoted.get(comparable_words(text, code), [])[:MOST] if promoted else ():
            # A content stands in the first language of the chain that it has.
            keys |= dict.fromkeys(document_key(content_id, locale) for locale in query.locales or (code,))
    return tuple(keys)
