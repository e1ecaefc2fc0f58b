"""Errors of the API as problem documents (RFC 9457, `application/problem+json`). docs/api.md lists the types.

The texts are not translated: programs and logs read them, and responses must not vary by language.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cms.database_time_limits import (
    DATABASE_BUSY_DETAIL,
    DATABASE_BUSY_TITLE,
    RETRY_AFTER,
    is_database_unusable,
    outage_log,
)
from cms.delivery.models.stored_json import UNREADABLE_DETAIL, UNREADABLE_TITLE, UNREADABLE_TYPE, UNREADABLE_WAIT
from cms.overrides.logged_responses import mark_as_logged
from sites.rate_limits.limiter import RateLimitExceeded
from sites.validation.malformed_requests import is_fault_of_request, log_malformed_request

from .overrides.atomic_requests import is_exempt_from_atomic_requests
from .overrides.django_requests import django_request

MEDIA_TYPE = "application/problem+json"
MAXIMUM_ECHO_LENGTH = 200  # characters of a rejected value that a response repeats


class Problem(exceptions.APIException):
    """An error with its own problem type, `/problems/<problem_type>`.

    `title` is the same for each occurrence, `detail` describes this one, and `members` are further members of the
    document. `problem_handler` reads these attributes of any APIException, so that `search`, which may not import this
    package, can define problem types.
    """

    status_code = 400
    problem_type: str
    title: str

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class UnknownParameter(Problem):
    """A query parameter that the URL does not support."""

    problem_type = "unknown-parameter"
    title = "Unknown query parameter"

    def __init__(self, parameter: str, value: str, allowed: Iterable[str]) -> None:
        parameter, value, allowed = truncate(parameter), truncate(value), list(allowed)
        supported = f"takes only {', '.join(allowed)}" if allowed else "takes no query parameter"
        super().__init__(
            f"There is no query parameter “{parameter}” here; this address {supported}.",
            parameter=parameter,
            value=value,
            allowed=allowed,
        )


class RepeatedParameter(Problem):
    """A query parameter that occurs more than once."""

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
    """A query parameter with an invalid value. `allowed` lists or describes the valid values."""

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
    """A resource that does not exist or is not public."""

    status_code = 404
    problem_type = "not-found"
    title = "Not found"


class PageNotFound(ResourceNotFound):
    """A page number past the end of a list."""

    problem_type = "page-not-found"
    title = "Page past the end of the list"


class LocaleNotFound(ResourceNotFound):
    """A content that is public, but not in the requested language."""

    problem_type = "locale-not-found"
    title = "Content not published in this language"


class DocumentUnreadable(Problem):
    """A published document whose stored JSON cannot be read. The background writes it again."""

    status_code = 503
    problem_type = UNREADABLE_TYPE
    title = UNREADABLE_TITLE
    wait = UNREADABLE_WAIT

    def __init__(self) -> None:
        super().__init__(UNREADABLE_DETAIL)


class DatabaseBusy(Problem):
    """A database that is away, locked or too slow, with the seconds to wait."""

    status_code = 503
    problem_type = "database-busy"
    title = DATABASE_BUSY_TITLE
    wait = RETRY_AFTER

    def __init__(self) -> None:
        super().__init__(DATABASE_BUSY_DETAIL)


# Problem type, title and detail by exception class. The texts of DRF itself are translated.
PROBLEM_TEXTS: dict[type[exceptions.APIException], tuple[str, str, str]] = {
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
# DRF composes the detail of these exceptions and translates it, so a text of PROBLEM_TEXTS replaces it.
COMPOSED_BY_DRF = (exceptions.MethodNotAllowed, exceptions.UnsupportedMediaType, exceptions.Throttled)


def truncate(text: str) -> str:
    """Return a text of a request, cut to MAXIMUM_ECHO_LENGTH characters for a response."""
    return text if len(text) <= MAXIMUM_ECHO_LENGTH else text[:MAXIMUM_ECHO_LENGTH] + "…"


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document of an exception that a view raised (setting EXCEPTION_HANDLER).

    An unexpected exception becomes a 500 without details. It is logged and signalled as Django does. Return None for
    one of the admin's API: it is raised again, and the middleware of the admin explains it.
    """
    request = context["request"]
    error = _as_api_exception(exc, django_request(request))
    if type(error) is exceptions.APIException and error is not exc and _is_of_admin(django_request(request)):
        return None
    response = Response(
        _problem_document(error, request.get_full_path()),
        status=error.status_code,
        headers=_headers(error),
        content_type=MEDIA_TYPE,
    )
    if not is_exempt_from_atomic_requests(request):
        set_rollback()
    if isinstance(error, DatabaseBusy):
        outage_log.note(django_request(request), exc)
        mark_as_logged(response)
    elif not isinstance(exc, exceptions.APIException) and error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        got_request_exception.send(sender=None, request=django_request(request))
        log_response("%s: %s", "Internal Server Error", request.path, response=response, request=request, exception=exc)
    return response


def _is_of_admin(request: HttpRequest) -> bool:
    return request.resolver_match is not None and "wagtailadmin_api" in request.resolver_match.namespaces


def _as_api_exception(exc: Exception, request: HttpRequest) -> exceptions.APIException:
    """Return the DRF exception with the status of an exception; an APIException (500) for an unexpected one."""
    if isinstance(exc, exceptions.APIException):
        return exc
    if is_database_unusable(exc):
        return DatabaseBusy()
    if isinstance(exc, RateLimitExceeded):
        return exceptions.Throttled(exc.retry_after)
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, SuspiciousOperation | BadRequest):
        return exceptions.ParseError()
    if is_fault_of_request(request, exc):
        log_malformed_request(exc)
        return exceptions.ParseError()
    return exceptions.APIException()


def _problem_document(error: exceptions.APIException, instance: str) -> dict[str, Any]:
    """Return the problem document of an error; `instance` is the requested URL."""
    problem_type, title, detail = next(
        texts for exception_class, texts in PROBLEM_TEXTS.items() if isinstance(error, exception_class)
    )
    members: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        members["errors"] = error.detail
    elif error.detail != error.default_detail and not isinstance(error, COMPOSED_BY_DRF):
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
