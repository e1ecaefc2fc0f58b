"""The search endpoints: hits with facets, completions, similar contents, and the capabilities of the engine."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from cms.delivery.models import PublishedDocument
from cms.overrides.logged_responses import mark_as_logged
from search.engines import index_store
from search.engines.contract import Answer, EngineUnavailable, Hit
from search.facets import ValueKind, facet_names, find_facet
from search.query.search_query import MAX_QUERY_LENGTH, SORTS, SearchQuery, fallback_chain, parse_words
from search.results import complete, find_similar, lacks_languages, run_search
from search.taxonomy.concepts import normalize_code
from search.taxonomy.profession_names import profession_names

from .document_views import parse_content_id
from .errors import InvalidParameter, PageNotFound, Problem, ResourceNotFound
from .pagination import DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE, PAGE_PARAMETERS, ListPage
from .parameters import (
    department_by_slug,
    departments_by_slug,
    parse_query_parameters,
    positive_integer,
    several_values,
    validate_choice,
    validate_document_type,
    validate_locale,
)
from .permissions import ClientThrottle
from .public_views import PublicView

logger = logging.getLogger(__name__)

MAX_VALUE_LENGTH = 200
MAX_PAGED_HITS = 10_000
DEFAULT_SUGGESTIONS = 8
DEFAULT_SIMILAR = 6
# Functions that raise InvalidParameter for a filter value that no document can have, by kind of facet. They take all
# values at once, so that their number does not change the number of queries.
VALIDATORS: dict[ValueKind, Callable[[Sequence[str]], object]] = {
    ValueKind.DEPARTMENT: departments_by_slug,
    ValueKind.CONTENT_TYPE: lambda values: [validate_document_type(value) for value in values],
}


class SearchUnavailable(Problem):
    """A problem document for an index that does not answer, with the seconds to wait."""

    status_code = 503
    problem_type = "search-unavailable"
    title = "Search is not available"

    def __init__(self, wait: int) -> None:
        super().__init__(
            "The search index does not answer; the Retry-After header says in how many seconds to try again."
        )
        self.wait = wait


class IndexedView(PublicView):
    """A view that reads the index. It answers 503 with Retry-After if the engine is unavailable.

    `rate_limit` is the rule that limits the requests of a client.
    """

    throttle_classes = (ClientThrottle,)
    rate_limit = "search.client"

    def handle_exception(self, exc: Exception) -> Response:
        if not isinstance(exc, EngineUnavailable):
            return super().handle_exception(exc)
        logger.warning("A search is not answered: %s", exc)
        response = super().handle_exception(SearchUnavailable(exc.retry_after))
        mark_as_logged(response)
        return response

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response.data, dict) and response.data.get("partial"):
            response["Cache-Control"] = "no-store"
        return response


class SearchView(IndexedView):
    """Hits of a query: `{"count", "next", "previous", "results", "facets", "suggestion", "locales", "partial"}`.

    Two database queries, one more for the links to other pages, and at most three for the names of professions.
    """

    def get(self, request: Request) -> Response:
        names = ("q", "locale", *facet_names(), "concept", "from", "to", "sort", "highlight", *PAGE_PARAMETERS)
        parameters = parse_query_parameters(request.query_params, tuple(dict.fromkeys(names)))
        number = positive_integer(parameters, "page", 1)
        size = positive_integer(parameters, "page_size", DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE)
        query = _search_query(parameters, offset=(number - 1) * size, limit=size)
        if query.offset + query.limit > MAX_PAGED_HITS:
            raise PageNotFound(
                f"Only the first {MAX_PAGED_HITS} hits of a search can be read; narrow it.",
                parameter="page",
                value=parameters["page"][:20],
                allowed=f"a whole number from 1 to {MAX_PAGED_HITS // size}",
            )
        wants_highlight = (
            validate_choice("highlight", parameters.get("highlight", "false"), ["true", "false"]) == "true"
        )
        results = run_search(query, highlight=wants_highlight)
        page = ListPage.from_parameters(parameters, results.answer.count)
        return Response(
            {
                "count": results.answer.count,
                **page.page_links(request),
                "results": [_result(hit, card, wants_highlight) for hit, card in results.cards],
                "facets": _facets(results.answer, query.locales or fallback_chain(settings.LANGUAGE_CODE)),
                "suggestion": results.answer.suggestion,
                "locales": list(query.locales),
                "partial": results.answer.is_partial,
            }
        )


class SuggestView(IndexedView):
    """Completions of `q`: `{"results": [{"text", "kind", "id", "locale"}], "partial"}`: titles, professions, places.

    `department` restricts them to the documents of its site. One database query, and one more for the department.
    """

    rate_limit = "completion.client"

    def get(self, request: Request) -> Response:
        parameters = parse_query_parameters(request.query_params, ("q", "locale", "limit", "department"))
        q = _short_text(parameters, "q", MAX_QUERY_LENGTH)
        locale = validate_locale(parameters.get("locale", settings.LANGUAGE_CODE))
        limit = positive_integer(parameters, "limit", DEFAULT_SUGGESTIONS, 20)
        department = department_by_slug(parameters["department"]).slug if "department" in parameters else ""
        completions = complete(q, locale, limit, department)
        return Response(
            {
                "results": [
                    {
                        "text": completion.text,
                        "kind": completion.kind,
                        "id": completion.content_id or None,
                        "locale": completion.locale,
                    }
                    for completion in completions
                ],
                "partial": lacks_languages(),
            }
        )


class SimilarView(IndexedView):
    """Contents similar to one, in one language: `{"results": [Card]}`. At most two database queries."""

    def get(self, request: Request, content_id: str) -> Response:
        parameters = parse_query_parameters(request.query_params, ("locale", "limit"))
        limit = positive_integer(parameters, "limit", DEFAULT_SIMILAR, 20)
        parsed_id = parse_content_id(content_id)
        documents = PublishedDocument.objects.public().filter(content_id=parsed_id)
        if "locale" in parameters:
            documents = documents.filter(locale=validate_locale(parameters["locale"]))
        locale = documents.order_by("-is_original", "id").values_list("locale", flat=True).first()
        if locale is None:
            raise ResourceNotFound(
                f"No content with the id {content_id} is published there.", parameter="id", value=content_id
            )
        return Response({"results": [card for _hit, card in find_similar(str(parsed_id), locale, limit)]})


class CapabilitiesView(IndexedView):
    """The capabilities in which engines differ, and the limits of a search."""

    def get(self, request: Request) -> Response:
        parse_query_parameters(request.query_params, ())
        return Response(
            {
                **index_store().capabilities,
                "facets": list(facet_names()),
                "sort": list(SORTS),
                "longest_query": MAX_QUERY_LENGTH,
                "deepest_hit": MAX_PAGED_HITS,
            }
        )


def _search_query(parameters: dict[str, str], *, offset: int, limit: int) -> SearchQuery:
    """Return the search query for the parameters. Raise InvalidParameter for the first invalid one."""
    locale = parameters.get("locale", "")
    filters = {
        name: _filter_values(parameters, name)
        for name in facet_names()
        if name in parameters and find_facet(name).is_api_filter
    }
    from_day, to_day = _day(parameters, "from"), _day(parameters, "to")
    if from_day and to_day and to_day < from_day:
        raise InvalidParameter("to", parameters["to"], "a day that is not before “from”")
    return SearchQuery(
        words=parse_words(_short_text(parameters, "q", MAX_QUERY_LENGTH)),
        locales=fallback_chain(validate_locale(locale)) if locale else (),
        filters=filters,
        concept=_concept_code(parameters),
        from_day=from_day,
        to_day=to_day,
        sort=validate_choice("sort", parameters.get("sort", "relevance"), list(SORTS)),
        offset=offset,
        limit=limit,
    )


def _concept_code(parameters: dict[str, str]) -> str:
    """Return the normalized concept code, "" without the parameter; raise InvalidParameter for no code."""
    code = normalize_code(_short_text(parameters, "concept", MAX_VALUE_LENGTH))
    if parameters.get("concept") and not code:
        raise InvalidParameter("concept", parameters["concept"], "a code of ROME, ESCO or ISCO, or an address of ESCO")
    return code


def _filter_values(parameters: dict[str, str], name: str) -> tuple[str, ...]:
    """Return the values of a facet filter, which are separated by commas. Raise InvalidParameter for an invalid one."""
    values = several_values(name, _short_text(parameters, name, 10 * MAX_VALUE_LENGTH))
    if validate := VALIDATORS.get(find_facet(name).kind):
        validate(values)
    return values


def _short_text(parameters: dict[str, str], name: str, max_length: int) -> str:
    value = parameters.get(name, "")
    if len(value) > max_length:
        raise InvalidParameter(name, value, f"at most {max_length} characters")
    return value


def _day(parameters: dict[str, str], name: str) -> datetime.date | None:
    if name not in parameters:
        return None
    try:
        return datetime.date.fromisoformat(parameters[name])
    except ValueError:
        raise InvalidParameter(name, parameters[name], "a day such as 2026-03-21 (ISO 8601)") from None


def _facets(answer: Answer, locales: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the values of each facet with their counts.

    Values of the profession facet also have a label: the name in the first of `locales` that has one, or "".
    """
    facets: dict[str, list[dict[str, Any]]] = {}
    for facet_name, counts in answer.facets.items():
        facets[facet_name] = [{"value": value, "count": count} for value, count in counts]
        if find_facet(facet_name).kind is ValueKind.PROFESSION:
            names = profession_names((value for value, _count in counts), locales)
            for item in facets[facet_name]:
                item["label"] = names[item["value"]].text if item["value"] in names else ""
    return facets


def _result(hit: Hit, card: dict[str, Any], with_highlight: bool) -> dict[str, Any]:
    result = {**card, "promoted": hit.is_promoted, "related": hit.is_related}
    return result | {"highlight": hit.fragments} if with_highlight else result
