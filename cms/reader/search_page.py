"""The search page of a department's site, and of the portal of all departments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import urlencode

from search.engines.contract import Answer, EngineUnavailable
from search.facets import SITE_FACET, Facet, ValueKind, facet_names, facets_by_position
from search.query.search_query import MAX_QUERY_LENGTH, SORTS, SearchQuery, fallback_chain, parse_words
from search.results import SearchResults, run_search
from search.taxonomy.profession_names import profession_names
from sites.models import Department

from . import site_documents
from .formatting.labels import label
from .formatting.localized_values import babel_locale, country, own_language_name
from .formatting.text_languages import mark_untranslated, resolve_marks
from .rendering import site_context
from .site_resolution import ResolvedSite
from .url_rewriting import portal_url_rewriter, url_rewriter_for

PATH = "search/"
PAGE_SIZE = 10
MAX_PAGES = 100
# Limit of the values of a facet that the page offers.
MAX_OFFERED_VALUES = 12
# Limit of the values of a facet that one URL can choose.
MAX_CHOSEN_VALUES = 50


@dataclass(frozen=True)
class SearchPageParameters:
    """The query parameters of a search page. Invalid values are ignored, since people edit URLs.

    `everywhere` extends the search of a department's site to all departments.
    """

    q: str
    everywhere: bool
    filters: dict[str, tuple[str, ...]]
    sort: str
    page: int
    locale: str
    default_locale: str

    @classmethod
    def parse(cls, query: QueryDict, locales: list[str]) -> SearchPageParameters:
        sort = query.get("sort", SORTS[0])
        locale = query.get("language", "")
        return cls(
            q=query.get("q", "").strip()[:MAX_QUERY_LENGTH],
            everywhere=query.get("everywhere") == "1",
            filters={name: _chosen_values(query, name) for name in facet_names()},
            sort=sort if sort in SORTS else SORTS[0],
            page=_page_number(query.get("page", "1")),
            locale=locale if locale in locales else locales[0],
            default_locale=locales[0],
        )

    @property
    def non_default_sort(self) -> str:
        """The chosen order, or "" for the default order."""
        return "" if self.sort == SORTS[0] else self.sort

    def url(self, **changes: str) -> str:
        """Return the query string of the first page with changed parameters; "" removes one.

        It has the parameters of the search page only: others in the URL of the visitor go no further.
        """
        language = self.locale if self.locale != self.default_locale else ""
        single = {"q": self.q, "everywhere": "1" if self.everywhere else "", "sort": self.non_default_sort}
        values: dict[str, Any] = {**single, "language": language, **self.filters, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value}, doseq=True)


def _page_number(text: str) -> int:
    """Return a page number from 1 to MAX_PAGES; 1 for a text that is no number."""
    digits = text.lstrip("0")
    if not (digits.isascii() and digits.isdecimal()):
        return 1
    return int(digits) if len(digits) <= len(str(MAX_PAGES)) and int(digits) < MAX_PAGES else MAX_PAGES


def _chosen_values(query: QueryDict, name: str) -> tuple[str, ...]:
    """Return the chosen values of a facet. Values with NUL are ignored: PostgreSQL refuses them."""
    chosen = dict.fromkeys(value for value in query.getlist(name) if value and "\0" not in value)
    return tuple(chosen)[:MAX_CHOSEN_VALUES]


def render_search(
    site: ResolvedSite | None, query: QueryDict, locales: list[str], csp_nonce: str = ""
) -> tuple[str, int, bool]:
    """Return the page, its status, and True if its results are partial. `site` is None on the portal.

    The status is 503 if the engine is unavailable.

    `locales` are the languages of the site, its default language first.
    """
    parameters = SearchPageParameters.parse(query, locales)
    with translation.override(parameters.locale):
        context = _page_context(site, parameters) | {"csp_nonce": csp_nonce}
        try:
            context |= _results_context(site, parameters)
        except EngineUnavailable:
            return render_unavailable(site, query, locales, csp_nonce), 503, False
        html = resolve_marks(render_to_string("reader/search.html", context))
        return html, 200, context.get("is_partial", False)


def render_unavailable(site: ResolvedSite | None, query: QueryDict, locales: list[str], csp_nonce: str = "") -> str:
    """Return the page without results, which asks the visitor to try again later."""
    parameters = SearchPageParameters.parse(query, locales)
    with translation.override(parameters.locale):
        context = _page_context(site, parameters) | {"csp_nonce": csp_nonce, "is_unavailable": True}
        return render_to_string("reader/search.html", context)


def _page_context(site: ResolvedSite | None, parameters: SearchPageParameters) -> dict[str, Any]:
    """Return the template context without results."""
    context: dict[str, Any] = {
        "parameters": parameters,
        "layout": "reader/plain.html",
        "locale": parameters.locale,
        "direction": babel_locale(parameters.locale).text_direction,
        "search_url": f"/{PATH}",
        "is_search": True,
    }
    if site is None:
        return context
    menu, _ancestors = site_documents.menu_and_ancestors(site.department, parameters.locale, site.path)
    return context | site_context(site, parameters.locale, menu) | {"layout": "reader/base.html"}


def _results_context(site: ResolvedSite | None, parameters: SearchPageParameters) -> dict[str, Any]:
    """Return the template context of the results; {} without words and filters. Raises EngineUnavailable."""
    if not parameters.q and not any(parameters.filters.values()):
        return {}
    department = None if site is None or parameters.everywhere else site.department
    filters = parameters.filters | ({SITE_FACET: (department.slug,)} if department else {})
    query = SearchQuery(
        words=parse_words(parameters.q),
        locales=fallback_chain(parameters.locale),
        filters=filters,
        sort=parameters.sort,
        offset=(parameters.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    results = run_search(query, highlight=True)
    last_page = _paginator(results.answer).num_pages
    if results.answer.count and parameters.page > last_page:
        # The number of pages is known only after the search. A page after the last shows the last.
        results = run_search(replace(query, offset=(last_page - 1) * PAGE_SIZE), highlight=True)
    answer = results.answer
    department_names = dict(Department.objects.values_list("slug", "name"))
    paginator = _paginator(answer)
    page = paginator.get_page(parameters.page)
    return {
        "has_searched": True,
        "is_partial": answer.is_partial,
        "count": answer.count,
        "cards": _cards(site, department, results, department_names),
        "facets": _facets(answer, parameters, department, department_names),
        "suggestion": answer.suggestion,
        "suggestion_url": parameters.url(q=answer.suggestion) if answer.suggestion else "",
        "list": page,
        "page_numbers": paginator.get_elided_page_range(page.number),
        "page_query": f"{parameters.url()}&page=",
        "sorts": [
            {"name": name, "url": parameters.url(sort=name), "is_current": name == parameters.sort} for name in SORTS
        ],
    }


def _paginator(answer: Answer) -> Paginator[int]:
    return Paginator(range(min(answer.count, MAX_PAGES * PAGE_SIZE)), PAGE_SIZE)


def _cards(
    site: ResolvedSite | None, department: Department | None, results: SearchResults, department_names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the hits as cards with URLs of the host on which the reader is."""
    url_rewriter = url_rewriter_for(site) if site else portal_url_rewriter()
    paths: dict[tuple[str, str], str] = {}
    if department is not None and site is not None and results.cards:
        rows = site_documents.documents_on_site(department).filter(
            content_id__in={hit.content_id for hit, _card in results.cards}
        )
        paths = {
            (str(key), code): site.url_for(path)
            for key, code, path in rows.values_list("content_id", "locale", "site_path")
        }
    cards = [
        {
            **url_rewriter.rewrite_document(card),
            "url": paths.get((hit.content_id, hit.locale)) or url_rewriter.rewrite_url(card["url"]),
            "highlight": hit.fragments,
            "is_promoted": hit.is_promoted,
            "is_related": hit.is_related,
            "department_name": department_names.get(card["department"], ""),
        }
        for hit, card in results.cards
    ]
    mark_untranslated(cards)
    return cards


def _facets(
    answer: Answer,
    parameters: SearchPageParameters,
    department: Department | None,
    department_names: dict[str, str],
) -> list[dict[str, Any]]:
    """Return the facets with at least two values, in the order of the page. Chosen values are always offered.

    The search of a department's site does not offer the departments.
    """
    result = []
    for facet in facets_by_position():
        chosen, counts = parameters.filters[facet.name], answer.facets[facet.name]
        if (department is not None and facet.name == SITE_FACET) or (len(counts) < 2 and not chosen):
            continue
        count_of, offered = dict(counts), dict(counts[:MAX_OFFERED_VALUES])
        offered |= {value: count_of.get(value, 0) for value in chosen if value not in offered}
        labels = _value_labels(facet, list(offered), parameters.locale, department_names)
        result.append(
            {
                "name": facet.name,
                "title": facet.label,
                "template": widget_template(facet),
                "values": [
                    {
                        "value": value,
                        "label": labels[value][0],
                        "locale": labels[value][1],
                        "count": count,
                        "is_chosen": value in chosen,
                    }
                    for value, count in offered.items()
                ],
            }
        )
    return result


def widget_template(facet: Facet) -> str:
    """Return the name of the template that renders a facet."""
    return f"reader/parts/facet_{facet.widget}.html"


def _value_labels(
    facet: Facet, values: list[str], locale: str, department_names: dict[str, str]
) -> dict[str, tuple[str, str]]:
    """Return (label, language of the label) for each value of a facet; a value without a label is its own."""
    if facet.kind is ValueKind.PROFESSION:
        names = profession_names(values, fallback_chain(locale))
        return {
            value: (names[value].text, names[value].locale) if value in names else (value, locale) for value in values
        }
    label_of: Callable[[str], str | None] = {
        ValueKind.LANGUAGE: own_language_name,
        ValueKind.COUNTRY: country,
        ValueKind.DEPARTMENT: lambda slug: department_names.get(slug, slug),
    }.get(facet.kind, lambda value: label(value, facet.vocabulary) if facet.vocabulary else value)
    return {value: (label_of(value) or value, locale) for value in values}
