"""The search page: on each department's site, and over all departments."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from search.engines.contract import Answer, EngineUnavailable
from search.query.search_query import SORTS, SearchQuery, fallback_chain, parse_words
from search.results import SearchResults, run_search
from search.taxonomy.profession_names import profession_names
from sites.models import Department

from . import site_documents
from .formatting.labels import label
from .formatting.localized_values import babel_locale, country, own_language_name
from .rendering import site_context
from .site_resolution import ResolvedSite
from .url_rewriting import UrlRewriter, url_rewriter_for

PATH = "search/"
PAGE_SIZE = 10
LONGEST_QUERY = 400
LAST_PAGE = 100
# Values of a facet that are offered; the rest can be reached by searching for it.
OFFERED = 12
# Values of a facet that one address can choose.
MOST_CHOSEN = 50
# Facets of the page, in its order.
SHOWN = ("type", "profession", "department", "locale", "country", "audience", "tag")


@dataclass(frozen=True)
class SearchPageParameters:
    """What the address of a search page asks for. What it does not understand it leaves out: people edit addresses."""

    q: str
    everywhere: bool
    filters: dict[str, tuple[str, ...]]
    sort: str
    page: int
    locale: str
    parameters: QueryDict = field(repr=False)

    @classmethod
    def parse(cls, parameters: QueryDict, locales: list[str]) -> SearchPageParameters:
        number = parameters.get("page", "1")
        sort = parameters.get("sort", SORTS[0])
        locale = parameters.get("language", "")
        return cls(
            q=parameters.get("q", "").strip()[:LONGEST_QUERY],
            everywhere=parameters.get("everywhere") == "1",
            filters={name: _values(parameters, name) for name in SHOWN},
            sort=sort if sort in SORTS else SORTS[0],
            page=_page(number),
            locale=locale if locale in locales else locales[0],
            parameters=parameters,
        )

    @property
    def other_sort(self) -> str:
        """The order that was chosen, "" for the usual one."""
        return "" if self.sort == SORTS[0] else self.sort

    def address(self, **changes: str) -> str:
        """Return the query of this page with other values; "" takes one away."""
        changed = self.parameters.copy()
        changed.pop("page", None)
        for name, value in changes.items():
            changed.pop(name, None)
            if value:
                changed[name] = value
        return "?" + changed.urlencode()


def _page(number: str) -> int:
    digits = number.lstrip("0")
    if not (digits.isascii() and digits.isdecimal()):
        return 1
    return int(digits) if len(digits) <= len(str(LAST_PAGE)) and int(digits) < LAST_PAGE else LAST_PAGE


def _values(parameters: QueryDict, name: str) -> tuple[str, ...]:
    """Return what is chosen of a facet; NUL is in no value, and PostgreSQL refuses to be asked for it."""
    chosen = dict.fromkeys(value for value in parameters.getlist(name) if value and "\0" not in value)
    return tuple(chosen)[:MOST_CHOSEN]


def render_search(site: ResolvedSite | None, parameters: QueryDict, locales: list[str]) -> tuple[str, int]:
    """Return the page and its status: 503 while the index is away. `site` is None on the portal.

    `locales` are the languages of the site, its own first.
    """
    asked = SearchPageParameters.parse(parameters, locales)
    with translation.override(asked.locale):
        context = _site(site, asked)
        try:
            context |= _found(site, asked)
        except EngineUnavailable:
            return render_to_string("reader/search.html", context | {"is_away": True}), 503
        return render_to_string("reader/search.html", context), 200


def _site(site: ResolvedSite | None, asked: SearchPageParameters) -> dict[str, Any]:
    context: dict[str, Any] = {
        "asked": asked,
        "layout": "reader/plain.html",
        "locale": asked.locale,
        "direction": babel_locale(asked.locale).text_direction,
        "search_url": f"/{PATH}",
        "is_search": True,
    }
    if site is None:
        return context
    menu, _ancestors = site_documents.menu_and_ancestors(site.department, asked.locale, site.path)
    return context | site_context(site, asked.locale, menu) | {"layout": "reader/base.html"}


def _found(site: ResolvedSite | None, asked: SearchPageParameters) -> dict[str, Any]:
    if not asked.q and not any(asked.filters.values()):
        return {}
    here = None if site is None or asked.everywhere else site.department
    filters = asked.filters | ({"department": (here.slug,)} if here else {})
    query = SearchQuery(
        words=parse_words(asked.q),
        locales=fallback_chain(asked.locale),
        filters=filters,
        sort=asked.sort,
        offset=(asked.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    results = run_search(query, highlight=True)
    last_page = _paginator(results.answer).num_pages
    if results.answer.count and asked.page > last_page:
        # How many pages there are is known only now; after the last one, the last one is shown.
        results = run_search(replace(query, offset=(last_page - 1) * PAGE_SIZE), highlight=True)
    answer = results.answer
    names = dict(Department.objects.values_list("slug", "name"))
    paginator = _paginator(answer)
    page = paginator.get_page(asked.page)
    return {
        "has_searched": True,
        "count": answer.count,
        "cards": _cards(site, here, results, names),
        "facets": _facets(answer, asked, here, names),
        "suggestion": answer.suggestion,
        "suggestion_url": asked.address(q=answer.suggestion) if answer.suggestion else "",
        "list": page,
        "page_numbers": paginator.get_elided_page_range(page.number),
        "page_query": f"{asked.address()}&page=",
        "sorts": [{"name": name, "url": asked.address(sort=name), "is_current": name == asked.sort} for name in SORTS],
    }


def _paginator(answer: Answer) -> Paginator[int]:
    return Paginator(range(min(answer.count, LAST_PAGE * PAGE_SIZE)), PAGE_SIZE)


def _cards(
    site: ResolvedSite | None, here: Department | None, results: SearchResults, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the hits as cards whose url_rewriter keep to the way the reader came."""
    url_rewriter = url_rewriter_for(site) if site else _portal_url_rewriter()
    paths: dict[tuple[str, str], str] = {}
    if here is not None and site is not None and results.cards:
        rows = site_documents.documents_on_site(here).filter(
            content_id__in={hit.content_id for hit, _card in results.cards}
        )
        paths = {
            (str(key), code): site.url_for(path)
            for key, code, path in rows.values_list("content_id", "locale", "site_path")
        }
    return [
        {
            **url_rewriter.rewrite_document(card),
            "url": paths.get((hit.content_id, hit.locale)) or url_rewriter.rewrite_url(card["url"]),
            "highlight": hit.fragments,
            "is_promoted": hit.is_promoted,
            "is_related": hit.is_related,
            "department_name": names.get(card["department"], ""),
        }
        for hit, card in results.cards
    ]


def _facets(
    answer: Answer, asked: SearchPageParameters, here: Department | None, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return the facets that offer a choice, each with its values; what is chosen stays on offer."""
    titles = {
        "type": _("Kind"),
        "profession": _("Profession"),
        "department": _("Department"),
        "locale": _("Language"),
        "country": _("Country"),
        "audience": _("Audience"),
        "tag": _("Keyword"),
    }
    facets = []
    for name in SHOWN:
        chosen = asked.filters[name]
        counts = answer.facets[name]
        if (here is not None and name == "department") or (len(counts) < 2 and not chosen):
            continue
        known = dict(counts)
        offered = counts[:OFFERED] + [
            (value, known.get(value, 0)) for value in chosen if value not in dict(counts[:OFFERED])
        ]
        professions = (
            profession_names((value for value, _count in offered), fallback_chain(asked.locale))
            if name == "profession"
            else {}
        )
        facets.append(
            {
                "name": name,
                "title": titles[name],
                "values": [
                    {
                        "value": value,
                        "label": professions[value].text if value in professions else _label(name, value, names),
                        "locale": professions[value].locale if value in professions else asked.locale,
                        "count": count,
                        "is_chosen": value in chosen,
                    }
                    for value, count in offered
                ],
            }
        )
    return facets


def _label(name: str, value: str, names: dict[str, str]) -> str:
    match name:
        case "type":
            return label(value, "type") or value
        case "locale":
            return own_language_name(value)
        case "country":
            return country(value)
        case "department":
            return names.get(value, value)
    return value


def _portal_url_rewriter() -> UrlRewriter:
    """Return the rewriting of addresses on the host that has all departments under prefixes."""
    everyone = Department.objects.select_related("site").only("slug", "site__hostname", "site__port")
    if not settings.READER_PATH_PREFIX:
        return UrlRewriter({})
    return UrlRewriter({department.site.root_url: f"/{department.slug}" for department in everyone})
