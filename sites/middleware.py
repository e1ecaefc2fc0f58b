"""Middleware that guards the admin, keeps the current department, and limits redirects to departments' own sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.datastructures import MultiValueDictKeyError
from django.views.defaults import bad_request, page_not_found
from wagtail.admin.localization import get_localized_response
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.models import Site

from .access.capabilities import is_unrestricted
from .admin.access_control.admin_request import AdminRequest
from .admin.access_control.rules import RULES
from .admin.access_control.url_table import ACCESS_BY_URL_NAME, Access
from .admin.screens.department_switch import apply_current_department


class DepartmentAccessMiddleware:
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
        if not _is_in_admin(request):
            return None
        match = request.resolver_match
        if match is None or not request.user.is_authenticated:
            return None
        admin_request = AdminRequest(request, match.view_name, kwargs, view)
        access = ACCESS_BY_URL_NAME.get(match.view_name)
        response = None if is_unrestricted(request.user) else _answer(admin_request, access)
        if response is None:
            apply_current_department(admin_request, access)
        return response


# What Wagtail's views raise for a form that was cut short, and for a number that no key of the database is.
MALFORMED = (MultiValueDictKeyError, OverflowError, DataError)


class MalformedRequestMiddleware:
    """Answers 400 in the admin for a request that no form of it sends, where Wagtail fails."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, MALFORMED) and request.path_info.startswith(reverse("wagtailadmin_home")):
            return bad_request(request, exception)
        return None


def _answer(admin_request: AdminRequest, access: Access | None) -> HttpResponse | None:
    """Return what the table's rule answers in the view's place; None lets the view answer."""
    try:
        if access is None:
            raise Http404
        return RULES[access](admin_request)
    except Http404 as refusal:
        template = "wagtailadmin/404.html"
        # In the user's language, as the view would have answered.
        return get_localized_response(page_not_found, admin_request.request, refusal, template_name=template)


class SiteRedirectMiddleware(RedirectMiddleware):
    """Wagtail's own, for requests to the public site of a department.

    On a host without a site Wagtail takes the redirects of all sites, and fails when two of them are alike. A page
    that the guard hides in the admin stays not found, whatever a department redirects.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404 or _is_in_admin(request) or Site.find_for_request(request) is None:
            return response
        answer: HttpResponse = super().process_response(request, response)
        return answer


def _is_in_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("wagtailadmin_home"))
