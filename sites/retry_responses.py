"""Refusals of a request: a page for people, a problem document for scripts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers


def retry_response(
    request: HttpRequest,
    *,
    status: HTTPStatus,
    retry_after: int,
    template: str,
    language: str,
    context: dict[str, object] | None = None,
    problem: dict[str, str],
    is_for_scripts: bool = False,
) -> HttpResponse:
    """Return `problem_response` with Retry-After (seconds)."""
    response = problem_response(
        request,
        status=status,
        template=template,
        language=language,
        context=context,
        problem=problem,
        is_for_scripts=is_for_scripts,
    )
    response["Retry-After"] = str(retry_after)
    return response


def problem_response(
    request: HttpRequest,
    *,
    status: HTTPStatus,
    template: str,
    language: str,
    context: dict[str, object] | None = None,
    problem: dict[str, str],
    is_for_scripts: bool = False,
) -> HttpResponse:
    """Return an uncached response: a page in the language, or a problem document.

    `problem` holds the type, the title and the detail of the document for scripts (RFC 9457). `is_for_scripts` requests
    it whatever the client accepts. Makes no query.
    """
    response: HttpResponse
    if "text/html" in request.headers.get("Accept", "") and not is_for_scripts:
        with translation.override(language):
            direction = "rtl" if translation.get_language_bidi() else "ltr"
            page = {"locale": translation.get_language(), "direction": direction, **(context or {})}
            response = HttpResponse(render_to_string(template, page))
    else:
        content = {
            "type": problem["type"],
            "title": problem["title"],
            "status": int(status),
            "detail": problem["detail"],
        }
        response = JsonResponse(content, content_type="application/problem+json")
    response.status_code = status
    add_never_cache_headers(response)
    return response


def language_of_visitor(request: HttpRequest) -> str:
    """Return the language of the account, or the one that the browser prefers."""
    user: Any = request.user
    profile = getattr(user, "wagtail_userprofile", None) if user.is_authenticated else None
    chosen: str = profile.preferred_language if profile else ""
    if chosen:
        return chosen
    return settings.LANGUAGE_CODE if user.is_authenticated else translation.get_language_from_request(request)
