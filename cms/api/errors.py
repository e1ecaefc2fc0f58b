"""Errors of the API as problem documents (RFC 9457, `application/problem+json`).

Texts are English and never translated: programs and logs read them, and answers must not vary by language.
docs/api.md lists the types.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DEFAULT_DB_ALIAS
from django.http import Http404
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

MEDIA_TYPE = "application/problem+json"
LONGEST_ECHO = 200  # characters of a refused value that are repeated to the caller


class Problem(exceptions.APIException):
    """An error with a type of its own: `/problems/<problem_type>`.

    `title` is the same at each occurrence, `detail` is about this one, `members` are further members of the
    document. Any APIException with these attributes is answered alike, so a package that may not import this
    one (`search`) can have problem types too.
    """

    status_code = 400
    problem_type: str
    title: str

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class UnknownParameter(Problem):
    """A query parameter that the address does not take."""

    problem_type = "unknown-parameter"
    title = "Unknown query parameter"

    def __init__(self, parameter: str, value: str, allowed: Iterable[str]) -> None:
        parameter, value, allowed = truncate(parameter), truncate(value), list(allowed)
        takes = f"takes only {', '.join(allowed)}" if allowed else "takes no query parameter"
        super().__init__(
            f"There is no query parameter “{parameter}” here; this address {takes}.",
            parameter=parameter,
            value=value,
            allowed=allowed,
        )


class RepeatedParameter(Problem):
    """A query parameter that is given more than once."""

    problem_type = "repeated-parameter"
    title = "Query parameter given more than once"

    def __init__(self, parameter: str, values: list[str]) -> None:
        super().__init__(
            f"“{parameter}” is given {len(values)} times; give it once.",
            parameter=parameter,
            value=[truncate(value) for value in values[:10]],
            allowed="one value",
        )


class InvalidParameter(Problem):
    """A query parameter with an unknown or malformed value; `allowed` lists or describes what is."""

    problem_type = "invalid-parameter"
    title = "Value of a query parameter not allowed"

    def __init__(self, parameter: str, value: str, allowed: list[str] | str) -> None:
        value = truncate(value)
        choices = allowed if isinstance(allowed, str) else "one of " + ", ".join(allowed)
        super().__init__(
            f"“{value}” is not allowed for “{parameter}”; allowed: {choices}.",
            parameter=parameter,
            value=value,
            allowed=allowed,
        )


class ResourceNotFound(Problem):
    """Something named by the address that does not exist, or is not public."""

    status_code = 404
    problem_type = "not-found"
    title = "Not found"


class PageNotFound(ResourceNotFound):
    """A page of a list past its end."""

    problem_type = "page-not-found"
    title = "Page past the end of the list"


class LocaleNotFound(ResourceNotFound):
    """A content that is public, but not in the language asked for."""

    problem_type = "locale-not-found"
    title = "Content not published in this language"


# Type, title and detail of the errors that are not ours. DRF's own texts are in the active language.
GENERIC: dict[type[exceptions.APIException], tuple[str, str, str]] = {
    exceptions.ValidationError: (
        "invalid-data",
        "Invalid data",
        "The data sent is not valid; `errors` says where.",
    ),
    exceptions.ParseError: ("bad-request", "Bad request", "The request cannot be read."),
    exceptions.AuthenticationFailed: (
        "authentication-failed",
        "Authentication failed",
        "The credentials are not valid.",
    ),
    exceptions.NotAuthenticated: (
        "not-authenticated",
        "Authentication needed",
        "This address needs credentials.",
    ),
    exceptions.PermissionDenied: ("permission-denied", "Permission denied", "This is not allowed to you."),
    exceptions.NotFound: ("not-found", "Not found", "There is nothing at this address."),
    exceptions.MethodNotAllowed: (
        "method-not-allowed",
        "Method not allowed",
        "This address does not take that method; the Allow header lists those it takes.",
    ),
    exceptions.NotAcceptable: (
        "not-acceptable",
        "Format not available",
        "No format that the Accept header asks for is available; application/json is.",
    ),
    exceptions.UnsupportedMediaType: (
        "unsupported-media-type",
        "Format of the request not supported",
        "The data is sent in a format that this address does not read; it reads application/json.",
    ),
    exceptions.Throttled: (
        "too-many-requests",
        "Too many requests",
        "The limit of requests is reached; the Retry-After header says in how many seconds to try again.",
    ),
    exceptions.APIException: (
        "internal-error",
        "Internal error",
        "The request failed on the server; try again later.",
    ),
}
# DRF composes the detail of these itself: it is never the words of whoever raised them.
COMPOSED = (exceptions.MethodNotAllowed, exceptions.UnsupportedMediaType, exceptions.Throttled)


def truncate(text: str) -> str:
    """Return a text from a request, short enough to be repeated in an answer."""
    return text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…"


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """Return the problem document of any exception raised in a view (setting EXCEPTION_HANDLER).

    An unexpected exception becomes a 500 that says nothing about it; it is logged and signalled as by Django.
    """
    error = _as_api_exception(exc)
    request = context["request"]
    response = Response(
        _document(error, request.get_full_path()),
        status=error.status_code,
        headers=_headers(error),
        content_type=MEDIA_TYPE,
    )
    if not _runs_outside_a_transaction(request):
        set_rollback()
    if not isinstance(exc, exceptions.APIException) and error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        got_request_exception.send(sender=None, request=request._request)
        log_response("%s: %s", "Internal Server Error", request.path, response=response, request=request, exception=exc)
    return response


def _runs_outside_a_transaction(request: Request) -> bool:
    """Whether the view opted out of ATOMIC_REQUESTS: a transaction around it is then not its own."""
    match = request.resolver_match
    return match is not None and DEFAULT_DB_ALIAS in getattr(match.func, "_non_atomic_requests", ())


def _as_api_exception(exc: Exception) -> exceptions.APIException:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, SuspiciousOperation | BadRequest):
        return exceptions.ParseError()
    return exceptions.APIException()


def _document(error: exceptions.APIException, instance: str) -> dict[str, Any]:
    problem_type, title, detail = next(
        texts for exception_class, texts in GENERIC.items() if isinstance(error, exception_class)
    )
    members: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        members["errors"] = error.detail
    elif error.detail != error.default_detail and not isinstance(error, COMPOSED):
        detail = str(error.detail)
    return {
        "type": f"/problems/{getattr(error, 'problem_type', problem_type)}",
        "title": getattr(error, "title", title),
        "status": error.status_code,
        "detail": detail,
        "instance": instance,
        **members,
        **getattr(error, "members", {}),
    }


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(wait)
    return headers
