"""Middleware that counts requests by URL and answers 429 to those beyond a limit."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from sites.retry_responses import language_of_visitor, retry_response

from .account_lock import LOGGED_IN
from .batch_locks import begin_batch, end_batch
from .known_device import remember_device
from .limited_urls import count_form, count_request, count_wrong_credentials
from .limiter import RateLimitExceeded

LOGIN_RULES = frozenset(("login.account", "login.device"))


class FormLimitMiddleware:
    """Counts forms that are sent without a login, and answers 429 beyond the limit.

    It comes before the CSRF check, so that forms that the check refuses count too. The limits of single URLs come after
    it: a page of another origin must not use up the attempts of an account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        try:
            count_form(request)
        except RateLimitExceeded as refusal:
            return too_many_requests(request, refusal)
        return None


class RateLimitMiddleware:
    """Counts each request by the rules of `limited_urls`, and answers 429 to every RateLimitExceeded of a view.

    After a login it sets the cookie of the device.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = self.get_response(request)
        finally:
            end_batch(request)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            count_wrong_credentials(request)
        if (account := request.__dict__.get(LOGGED_IN)) is not None:
            remember_device(request, response, account)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        try:
            url_name = match.view_name if match else ""
            count_request(request, url_name, kwargs)
            begin_batch(request, url_name)
        except RateLimitExceeded as refusal:
            return too_many_requests(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return too_many_requests(request, exception) if isinstance(exception, RateLimitExceeded) else None


def too_many_requests(request: HttpRequest, refusal: RateLimitExceeded) -> HttpResponse:
    """Return the response 429 with Retry-After: a page in the visitor's language, or a problem document for scripts."""
    return retry_response(
        request,
        status=HTTPStatus.TOO_MANY_REQUESTS,
        retry_after=refusal.retry_after,
        template="cms_sites/too_many_requests.html",
        language=language_of_visitor(request),
        context={"minutes": -(-refusal.retry_after // 60), "is_login": refusal.rule in LOGIN_RULES},
        problem={
            "type": "/problems/too-many-requests",
            "title": "Too many requests",
            "detail": "The limit of requests is reached; the Retry-After header says when to try again.",
        },
    )
