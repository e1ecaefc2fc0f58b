"""Turns a publication that a page's own rules refuse into a message instead of a server error."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _


class RefusedPublicationMiddleware:
    """Answers a ValidationError that a view of the admin does not catch with the reasons, on the page it came from.

    The editor's form shows them at the fields. Bulk actions, approvals and wagtail-localize publish without a form,
    and Wagtail lets the error through. The request's transaction has been rolled back by then: nothing is half-done.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, ValidationError) or not request.path.startswith(home):
            return None
        messages.error(request, _("Nothing was changed: %(reasons)s") % {"reasons": " ".join(exception.messages)})
        came_from = request.headers.get("Referer", "")
        is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(came_from if is_ours else home)
