"""Refuses, before the view runs, what `sites.admin.table` does not allow the user in the admin; keeps the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.defaults import page_not_found

from .admin.focus import follow
from .admin.rules import RULES, Call
from .admin.table import ACCESS, Access
from .guard import is_unrestricted


class DepartmentGuardMiddleware:
    """Answers 404 for whatever belongs to another department, so that nobody learns whether it exists.

    A middleware and not a decorator of URL patterns: it also sees patterns that no hook gave Wagtail, and knows
    each by the name that the table classifies. Someone not logged in goes on to Wagtail's login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.path_info.startswith(reverse("wagtailadmin_home")):
            return None
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return None
        call = Call(request, match.view_name, kwargs, view)
        access = ACCESS.get(match.view_name)
        response = None if is_unrestricted(request.user) else _answer(call, access)
        if response is None:
            follow(call, access)
        return response


def _answer(call: Call, access: Access | None) -> HttpResponse | None:
    """Return what the table's rule answers in the view's place; None lets the view answer."""
    try:
        if access is None:
            raise Http404
        return RULES[access](call)
    except Http404 as refusal:
        return page_not_found(call.request, refusal, template_name="wagtailadmin/404.html")
