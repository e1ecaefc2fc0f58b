"""Middleware that refuses a body before it is read: 413 for one that is too long, 415 for one that is not UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils import translation

from sites.retry_responses import problem_response

from .overrides.request_charset import has_other_charset
from .upload_urls import body_limit

# The headers of the parts of a multipart body cost far more than their bytes: 2.4 MB of them take seconds of CPU.
MULTIPART_OF_VISITORS = 100_000


class BodySizeMiddleware:
    """Compares Content-Length with the limit of the URL. It comes before the CSRF check, which reads the body.

    A body in another charset than UTF-8 is refused: read as UTF-8, its text would be stored with wrong characters.

    Members may send what the form of the URL takes, everybody else a form without a file. A body without Content-Length
    is not read at all (WSGI).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        length, limit = _content_length(request), settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type == "multipart/form-data":
            limit = MULTIPART_OF_VISITORS
        # The session is read for long bodies only.
        if length > limit and request.user.is_authenticated:
            match = request.resolver_match
            limit = body_limit(match.view_name if match else "")
        if length > limit:
            return too_large(request, limit)
        return other_charset(request) if length and has_other_charset(request) else None


def too_large(request: HttpRequest, limit: int) -> HttpResponse:
    """Return the response 413: a page in the language that the browser prefers, or a problem document for scripts."""
    with translation.override("en"):
        readable = filesizeformat(limit).replace("\xa0", " ")
    return problem_response(
        request,
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        template="cms_sites/body_too_large.html",
        language=translation.get_language_from_request(request),
        context={"limit": limit},
        problem={
            "type": "/problems/body-too-large",
            "title": "The body is too large",
            "detail": f"The body of a request to this URL may have {readable}.",
        },
    )


def other_charset(request: HttpRequest) -> HttpResponse:
    """Return the response 415: a page in the language that the browser prefers, or a problem document for scripts."""
    return problem_response(
        request,
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        template="cms_sites/malformed_request.html",
        language=translation.get_language_from_request(request),
        problem={
            "type": "/problems/charset",
            "title": "Unsupported charset",
            "detail": "The body of a request has to be UTF-8.",
        },
    )


def _content_length(request: HttpRequest) -> int:
    """Return the length, 0 for none and for an invalid one: Django reads nothing then."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
