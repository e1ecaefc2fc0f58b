"""Search over everything published: hits with facets, completions, similar contents, what the engine can do."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from cms.delivery.models import PublishedDocument
from search.engines import index_store
from search.engines.contract import Answer, EngineUnavailable, Hit
from search.query.search_query import FACETS, SORTS, SearchQuery, fallback_chain, parse_words
from search.results import complete, find_similar, run_search
from search.taxonomy.concepts import normalize_code
from search.taxonomy.profession_names import profession_names

from .document_views import parse_content_id
from .errors import InvalidParameter, PageNotFound, Problem, ResourceNotFound
from .pagination import PAGE_PARAMETERS, ListPage
from .parameters import (
    department_by_slug,
    parse_query_parameters,
    positive_integer,
    validate_choice,
    validate_document_type,
    validate_locale,
)
from .public_views import PublicView

LONGEST_QUERY = 400  # characters
LONGEST_VALUE = 200
DEEPEST = 10_000  # hits that can be paged through
SUGGESTIONS = 8
SIMILAR = 6


class SearchUnavailable(Problem):
    """The index does not answer; everything else works."""

    status_code = 503
    problem_type = "search-unavailable"
    title = "Search is not available"

    def __init__(self, wait: int) -> None:
        super().__init__(
            "The search index does not answer; the Retry-After header says in how many seconds to try again."
        )
        self.wait = wait


class IndexView(PublicView):
    """An address that asks the index; answers 503 with Retry-After while it is away."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, EngineUnavailable):
            exc = SearchUnavailable(exc.retry_after)
        return super().handle_exception(exc)


class SearchView(IndexView):
    """`{"count", "next", "previous", "results", "facets", "suggestion", "locales"}` for a query.

    Two queries, and at most three for the names of professions when there are any.
    """

    parameters = ("q", "locale", *FACETS, "concept", "from", "to", "sort", "highlight", *PAGE_PARAMETERS)

    def get(self, request: Request) -> Response:
        parameters = parse_query_parameters(request.query_params, tuple(dict.fromkeys(self.parameters)))
        number = positive_integer(parameters, "page", 1)
        size = positive_integer(parameters, "page_size", 20, 100)
        query = _query(parameters, offset=(number - 1) * size, limit=size)
        if query.offset + query.limit > DEEPEST:
            raise PageNotFound(
                f"Only the first {DEEPEST} hits of a search can be read; narrow it.",
                parameter="page",
                value=parameters["page"][:20],
                allowed=f"a whole number from 1 to {DEEPEST // size}",
            )
        wants_highlight = (
            validate_choice("highlight", parameters.get("highlight", "false"), ["true", "false"]) == "true"
        )
        found = run_search(query, highlight=wants_highlight)
        page = ListPage.from_parameters(parameters, found.answer.count)
        envelope = page.page_links(request)
        return Response(
            {
                "count": found.answer.count,
                **envelope,
                "results": [_result(hit, card, wants_highlight) for hit, card in found.cards],
                "facets": _facets(found.answer, query.locales or fallback_chain(settings.LANGUAGE_CODE)),
                "suggestion": found.answer.suggestion,
                "locales": list(query.locales),
            }
        )


class SuggestView(IndexView):
    """`{"results": [{"text", "kind", "id", "locale"}]}`: titles, professions and places that begin like `q`.

    With `department` they are those of what stands on its site. One query, and one more for the department.
    """

    def get(self, request: Request) -> Response:
        parameters = parse_query_parameters(request.query_params, ("q", "locale", "limit", "department"))
        q = _short_text(parameters, "q", LONGEST_QUERY)
        locale = validate_locale(parameters.get("locale", settings.LANGUAGE_CODE))
        limit = positive_integer(parameters, "limit", SUGGESTIONS, 20)
        department = department_by_slug(parameters["department"]).slug if "department" in parameters else ""
        completions = complete(q, locale, limit, department)
        return Response(
            {
                "results": [
                    {"text": each.text, "kind": each.kind, "id": each.content_id or None, "locale": each.locale}
                    for each in completions
                ]
            }
        )


class SimilarView(IndexView):
    """`{"results": [Card]}`: what is like a content, in one language. At most two queries."""

    def get(self, request: Request, content_id: str) -> Response:
        parameters = parse_query_parameters(request.query_params, ("locale", "limit"))
        limit = positive_integer(parameters, "limit", SIMILAR, 20)
        documents = PublishedDocument.objects.public().filter(content_id=parse_content_id(content_id))
        if "locale" in parameters:
            documents = documents.filter(locale=validate_locale(parameters["locale"]))
        locale = documents.order_by("-is_original", "id").values_list("locale", flat=True).first()
        if locale is None:
            raise ResourceNotFound(
                f"No content with the id {content_id} is published there.", parameter="id", value=content_id
            )
        return Response(
            {"results": [card for _hit, card in find_similar(str(parse_content_id(content_id)), locale, limit)]}
        )


class CapabilitiesView(IndexView):
    """What the engine in use can do, where engines differ by nature."""

    def get(self, request: Request) -> Response:
        parse_query_parameters(request.query_params, ())
        return Response(
            {
                **index_store().capabilities,
                "facets": list(FACETS),
                "sort": list(SORTS),
                "longest_query": LONGEST_QUERY,
                "deepest_hit": DEEPEST,
            }
        )


def _query(parameters: dict[str, str], *, offset: int, limit: int) -> SearchQuery:
    """Read the parameters; raises InvalidParameter naming the one that is wrong."""
    locale = parameters.get("locale", "")
    filters = {name: _values(parameters, name) for name in FACETS if name in parameters and name != "locale"}
    from_day, to_day = _day(parameters, "from"), _day(parameters, "to")
    if from_day and to_day and to_day < from_day:
        raise InvalidParameter("to", parameters["to"], "a day that is not before “from”")
    return SearchQuery(
        words=parse_words(_short_text(parameters, "q", LONGEST_QUERY)),
        locales=fallback_chain(validate_locale(locale)) if locale else (),
        filters=filters,
        concept=_concept(parameters),
        from_day=from_day,
        to_day=to_day,
        sort=validate_choice("sort", parameters.get("sort", "relevance"), list(SORTS)),
        offset=offset,
        limit=limit,
    )


def _concept(parameters: dict[str, str]) -> str:
    """Return the code that is asked for, "" for none. An address without a code would otherwise narrow nothing."""
    code = normalize_code(_short_text(parameters, "concept", LONGEST_VALUE))
    if parameters.get("concept") and not code:
        raise InvalidParameter("concept", parameters["concept"], "a code of ROME, ESCO or ISCO, or an address of ESCO")
    return code


def _values(parameters: dict[str, str], name: str) -> tuple[str, ...]:
    """Return the values of a filter, separated by commas."""
    check = {"department": lambda value: department_by_slug(value).slug, "type": validate_document_type}.get(name, str)
    values = [value.strip() for value in _short_text(parameters, name, 10 * LONGEST_VALUE).split(",")]
    if not all(values):
        raise InvalidParameter(name, parameters[name], "values separated by commas, none of them empty")
    return tuple(check(value) for value in values)


def _short_text(parameters: dict[str, str], name: str, longest: int) -> str:
    value = parameters.get(name, "")
    if len(value) > longest:
        raise InvalidParameter(name, value, f"at most {longest} characters")
    return value


def _day(parameters: dict[str, str], name: str) -> datetime.date | None:
    if name not in parameters:
        return None
    try:
        return datetime.date.fromisoformat(parameters[name])
    except ValueError:
        raise InvalidParameter(name, parameters[name], "a day such as 2026-03-21 (ISO 8601)") from None


def _facets(answer: Answer, locales: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return values with their counts; professions also with their name, in the first of the languages that has one."""
    names = profession_names((value for value, _count in answer.facets["profession"]), locales)
    facets: dict[str, list[dict[str, Any]]] = {
        name: [{"value": value, "count": count} for value, count in counts] for name, counts in answer.facets.items()
    }
    for each in facets["profession"]:
        each["label"] = names[each["value"]].text if each["value"] in names else ""
    return facets


def _result(hit: Hit, card: dict[str, Any], with_highlight: bool) -> dict[str, Any]:
    result = {**card, "promoted": hit.is_promoted, "related": hit.is_related}
    return result | {"highlight": hit.fragments} if with_highlight else result
