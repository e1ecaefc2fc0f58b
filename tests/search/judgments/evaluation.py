"""Evaluation of the judged queries: nDCG of each search, and a table that compares the searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from wagtail.models import Page

from search.engines.contract import Engine
from search.query.search_query import SearchQuery, fallback_chain, parse_words

from .judged_queries import DEPTH, JudgedQuery, ndcg
from .library import library_documents
from .pages import content_id

# A search function: from a query and a language to the keys of the contents found, the best first.
SearchFunction = Callable[[str, str], Sequence[str]]


@dataclass(frozen=True)
class Outcome:
    """The contents that one search found for one query."""

    judged: JudgedQuery
    found: tuple[str, ...]

    @property
    def ndcg(self) -> float:
        return ndcg(self.found, self.judged.grades)


def outcomes(find: SearchFunction, queries: Iterable[JudgedQuery]) -> list[Outcome]:
    """Return the outcome of each query."""
    return [Outcome(judged, tuple(find(judged.q, judged.locale))) for judged in queries]


def engine_search(engine: Engine) -> SearchFunction:
    """Return a search function of an engine, with the same query as the API."""
    keys = {str(content_id(text.key)): text.key for text in library_documents()}

    def find(q: str, locale: str) -> list[str]:
        query = SearchQuery(words=parse_words(q), locales=fallback_chain(locale), limit=DEPTH)
        return [keys.get(hit.content_id, "") for hit in engine.search(query).hits]

    return find


def wagtail_search() -> SearchFunction:
    """Return a search function of Wagtail's database search, which searches all languages."""
    keys = {content_id(text.key): text.key for text in library_documents()}

    def find(q: str, _locale: str) -> list[str]:
        # Translations of one content count once.
        pages = Page.objects.live().search(q)[: 4 * DEPTH]
        return list(dict.fromkeys(keys.get(page.translation_key, "") for page in pages))[:DEPTH]

    return find


def mean_ndcg(found: Iterable[Outcome]) -> float:
    return mean(outcome.ndcg for outcome in found)


def comparison_table(title: str, by_search: dict[str, list[Outcome]]) -> str:
    """Return a table of nDCG@10 and the share of queries without hits, by language and category and by search."""
    names = list(by_search)
    first_outcomes = by_search[names[0]]
    rows = [("all", lambda _judged: True)]
    rows += [
        (code, _with("locale", code)) for code in dict.fromkeys(outcome.judged.locale for outcome in first_outcomes)
    ]
    rows += [
        (name, _with("category", name)) for name in sorted({outcome.judged.category for outcome in first_outcomes})
    ]
    lines = [f"{title:24}{'queries':>8}" + "".join(f"{name:>24}" for name in names)]
    lines.append(" " * 32 + f"{'nDCG@10   no hit':>24}" * len(names))
    for label, belongs in rows:
        cells, number = "", 0
        for name in names:
            chosen = [outcome for outcome in by_search[name] if belongs(outcome.judged)]
            number = len(chosen)
            without = sum(not outcome.found for outcome in chosen) / number
            cells += f"{mean_ndcg(chosen):>15.3f}{without:>9.0%}"
        lines.append(f"{label:24}{number:>8}{cells}")
    return "\n".join(lines)


def _with(attribute: str, value: str) -> Callable[[JudgedQuery], bool]:
    return lambda judged: getattr(judged, attribute) == value
