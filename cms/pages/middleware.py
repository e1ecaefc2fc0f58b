"""Turns a change that a rule refuses into a message instead of a server error."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from sites.lifecycle.deletion_protection import DepartmentIsActive, deletion_refusal
from sites.models import Department


class RefusedChangeMiddleware:
    """Answers an error that a view of the admin does not catch with the reasons, on the page it came from.

    The editor's form shows a ValidationError at the fields. Bulk actions, approvals and wagtail-localize publish
    without a form, deleting has none either, and Wagtail lets the error through. The request's transaction has been
    rolled back by then: nothing is half-done, except that wagtail-localize has saved its draft before. The admin's API
    answers 409 with the reasons as `message`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, ValidationError | ProtectedError) or not request.path.startswith(home):
            return None
        # Wagtail-localize publishes after its transaction, so that its draft stays.
        is_saved = getattr(request, "is_draft_saved", False)
        words = (
            _("Saved as a draft, but not published: %(reasons)s") if is_saved else _("Nothing was changed: %(reasons)s")
        )
        message = words % {"reasons": _reasons(exception)}
        if request.path.startswith(f"{home}api/"):
            return JsonResponse({"message": message}, status=409)
        # What earlier parts of the view said has not happened.
        list(messages.get_messages(request))
        messages.error(request, message)
        return HttpResponseRedirect(_way_back(request) or home)


def _reasons(refusal: ValidationError | ProtectedError) -> str:
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    if isinstance(refusal, DepartmentIsActive):
        return str(refusal.args[0])
    for each in refusal.protected_objects:
        if isinstance(each, Department):
            return deletion_refusal(each, each)
    return _("It is still used elsewhere.")


def _way_back(request: HttpRequest) -> str:
    """Return the page that the request came from; "" when it is elsewhere, or would only be refused again."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return ""
    return "" if request.method == "GET" and urlsplit(came_from).path == request.path else came_from
