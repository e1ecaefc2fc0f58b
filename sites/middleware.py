"""Middleware: the host and the sessions of the admin, its access control, malformed requests, and redirects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.views.defaults import page_not_found
from wagtail.admin.localization import get_localized_response
from wagtail.contrib.redirects.middleware import RedirectMiddleware, get_redirect
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from .access.admin_host import is_public_host
from .access.capabilities import is_unrestricted
from .access.current_department import store_choice
from .access.references.acting_user import acting_as
from .access.references.named_objects import objects_named_together
from .access.references.referable_objects import is_public
from .admin.access_control.admin_request import AdminRequest, keys_in_form
from .admin.access_control.named_object import departments_of_object
from .admin.access_control.rules import RULES
from .admin.access_control.url_table import ACCESS_BY_URL_NAME, Access
from .admin.screens.department_switch import apply_current_department
from .audit_log.middleware import DEPARTMENTS_OF_OBJECT
from .people.request_context import handling, within_request
from .rate_limits.admin_limits import SEARCH_PARAMETERS
from .request_bodies.form_counts import refused_form_count
from .validation.editor_content import counting_blocks
from .validation.malformed_requests import (
    ALWAYS_MALFORMED,
    SAFE_METHODS,
    MalformedValue,
    is_fault_of_request,
    log_malformed_request,
)
from .validation.malformed_responses import malformed_response
from .validation.search_texts import is_too_long_to_search


class AdminHostMiddleware:
    """Answers 404 to requests for the admin on public hosts, if the admin has a host of its own (ADMIN_HOST)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_in_admin(request) and is_public_host(request):
            return page_not_found(request, Http404())
        return self.get_response(request)


class AdminSessionMiddleware(SessionMiddleware):
    """Django's session middleware, without sessions on public hosts.

    There the session is empty and is not stored, cookies of sessions are ignored, and none is set.
    """

    def process_request(self, request: HttpRequest) -> None:
        if is_public_host(request):
            request.session = self.SessionStore()
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_public_host(request):
            return response
        answer: HttpResponse = super().process_response(request, response)
        return answer


class RequestContextMiddleware:
    """Makes the request known to model methods and signals while it is answered (`sites.people.request_context`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with handling(request):
            response = self.get_response(request)
        # A file holds no name, and wrapping it would keep the server from sending it by itself.
        if (
            isinstance(response, StreamingHttpResponse)
            and not isinstance(response, FileResponse)
            and not response.is_async
        ):
            response.streaming_content = within_request(response.streaming_content, request)
        return response


class DepartmentAccessMiddleware:
    """Answers 404 for objects of another department, so that nobody learns if they exist.

    The user of the request is the acting user, who limits what forms and blocks look up (`sites.access.references`).

    A middleware, because a decorator of URL patterns would miss those that Wagtail adds without a hook. It looks up the
    URL name in `url_table`. Users who are not logged in continue to Wagtail's login.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_in_admin(request):
            return self.get_response(request)
        is_reading = request.method in ("GET", "HEAD")
        with acting_as(request.user, is_reading=is_reading), objects_named_together(partial(keys_in_form, request)):
            response = self.get_response(request)
        store_choice(request, response)
        return response

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
        # For the audit log, which asks only when it records the request.
        setattr(request, DEPARTMENTS_OF_OBJECT, partial(departments_of_object, admin_request, access))
        is_limited = access is Access.CLOSED or not is_unrestricted(request.user)
        response = _answer(admin_request, access) if is_limited else None
        if response is None:
            apply_current_department(admin_request, access)
        return response


class MalformedRequestMiddleware:
    """Answers 400 to admin requests that no form sends, or that ask for too much, and on which views fail.

    Formsets with too many forms are refused at all URLs, before a view makes one.

    `malformed_requests` decides which exceptions are the fault of a request. Each is logged with its traceback.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with counting_blocks():
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if request.method not in SAFE_METHODS and (refused := refused_form_count(request.POST)):
            return malformed_response(request, MalformedValue(*refused))
        if not _is_in_admin(request):
            return None
        for name in SEARCH_PARAMETERS:
            if is_too_long_to_search(text := request.GET.get(name, "")):
                return malformed_response(request, MalformedValue(name, text))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not _is_in_admin(request) or not is_fault_of_request(request, exception):
            return None
        log_malformed_request(exception)
        return malformed_response(request, exception)


def _answer(admin_request: AdminRequest, access: Access | None) -> HttpResponse | None:
    """Return the response of the access rule, or None to continue with the view."""
    try:
        if access is None:
            raise Http404
        return RULES[access](admin_request)
    except Http404 as refusal:
        template = "wagtailadmin/404.html"
        # The error page is in the language of the user, like the view's response.
        return get_localized_response(page_not_found, admin_request.request, refusal, template_name=template)
    except ALWAYS_MALFORMED as error:  # Django passes exceptions of views only to `process_exception`.
        log_malformed_request(error)
        return malformed_response(admin_request.request, error)


class SiteRedirectMiddleware(RedirectMiddleware):
    """Wagtail's redirect middleware, limited to the public sites of departments and to targets that are public.

    On a host without a site Wagtail uses the redirects of all sites, and fails if two of them have the same path. A
    response “not found” of the admin stays as it is, even if a redirect has the same path. The URL of a page that
    readers cannot see now may name a person, and is not told.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.status_code != 404 or _is_in_admin(request) or Site.find_for_request(request) is None:
            return response
        path = Redirect.normalise_path(request.get_full_path(), decode_unicode=False)
        redirect = get_redirect(request, path) or get_redirect(request, urlsplit(path).path)
        if redirect is None or (redirect.redirect_page is not None and not is_public(redirect.redirect_page)):
            return response
        answer: HttpResponse = super().process_response(request, response)
        return answer


def _is_in_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith(reverse("wagtailadmin_home"))
