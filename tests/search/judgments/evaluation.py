"""Puts the judged queries to searches, and shows side by side how well each of them finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from wagtail.models import Page

from search.engines.contract import Engine
from search.query.search_query import SearchQuery, fallback_chain, parse_words

from .judged import DEPTH, Judged, ndcg
from .library import texts
from .pages import content_id

# A search: a query and a language to the keys of the contents that it finds, the best first.
Find = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True)
class Outcome:
    """How one search did on one query."""

    judged: Judged
    found: tuple[str, ...]

    @property
    def ndcg(self) -> float:
        return ndcg(self.found, self.judged.grades)


def outcomes(find: Find, queries: Iterable[Judged]) -> list[Outcome]:
    """Put queries to a search."""
    return [Outcome(judged, tuple(find(judged.q, judged.locale))) for judged in queries]


def finding_with(engine: Engine) -> Find:
    """Return the search of one of our engines, asked as the API asks it."""
    keys = {str(content_id(text.key)): text.key for text in texts()}

    def find(q: str, locale: str) -> list[str]:
        query = SearchQuery(words=parse_words(q), locales=fallback_chain(locale), limit=DEPTH)
        return [keys.get(hit.content_id, "") for hit in engine.search(query).hits]

    return find


def finding_with_wagtail() -> Find:
    """Return Wagtail's own database search over the same pages; it knows no languages, so that all are searched."""
    keys = {content_id(text.key): text.key for text in texts()}

    def find(q: str, _locale: str) -> list[str]:
        # Pages of several languages may be one content.
        pages = Page.objects.live().search(q)[: 4 * DEPTH]
        return list(dict.fromkeys(keys.get(page.translation_key, "") for page in pages))[:DEPTH]

    return find


def mean_ndcg(found: Iterable[Outcome]) -> float:
    return mean(each.ndcg for each in found)


def table(title: str, by_search: dict[str, list[Outcome]]) -> str:
    """Return nDCG@10 and the share of queries without any hit, by language and category, one column a search."""
    names = list(by_search)
    some = by_search[names[0]]
    rows = [("all", lambda _judged: True)]
    rows += [(code, _with("locale", code)) for code in dict.fromkeys(each.judged.locale for each in some)]
    rows += [(name, _with("category", name)) for name in sorted({each.judged.category for each in some})]
    lines = [f"{title:24}{'queries':>8}" + "".join(f"{name:>24}" for name in names)]
    lines.append(" " * 32 + f"{'nDCG@10   no hit':>24}" * len(names))
    for label, belongs in rows:
        cells, number = "", 0
        for name in names:
            chosen = [each for each in by_search[name] if belongs(each.judged)]
            number = len(chosen)
            without = sum(not each.found for each in chosen) / number
            cells += f"{mean_ndcg(chosen):>15.3f}{without:>9.0%}"
        lines.append(f"{label:24}{number:>8}{cells}")
    return "\n".join(lines)


def _with(attribute: str, value: str) -> Callable[[Judged], bool]:
    return lambda judged: getattr(judged, attribute) == value
