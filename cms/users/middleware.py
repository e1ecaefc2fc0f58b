"""Middleware that treats a session as anonymous until it has passed every required step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from .session_state import Step, account_of, missing_step
from .sessions.session_store import note_use
from .urls import urlpatterns

# URLs of the admin that need no login. All other ones lead to the missing step.
WITHOUT_LOGIN = frozenset(
    (
        "wagtailadmin_password_reset",
        "wagtailadmin_password_reset_done",
        "wagtailadmin_password_reset_confirm",
        "wagtailadmin_password_reset_complete",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "invitation_link",
    )
)
BY_ITSELF = frozenset(("wagtailadmin_editing_sessions:ping", "wagtailadmin_editing_sessions:release"))
# The views of the steps themselves check which step is missing.
OF_STEPS = frozenset(str(pattern.name) for pattern in urlpatterns)


class SessionStepMiddleware:
    """Replaces the user of a session that lacks a step by an anonymous one, in the admin and everywhere else.

    `request.session_account` is the account of the session. The user is looked up when a view asks for it: a request
    without a login costs nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        account: Any = request.user
        request.session_account = account  # type: ignore[attr-defined]
        request.user = SimpleLazyObject(lambda: _user_of(request, account))  # type: ignore[assignment]
        response = self.get_response(request)
        match = request.resolver_match
        # An open form asks by itself who else edits: that is no use of the session.
        if match is not None and match.view_name not in BY_ITSELF:
            note_use(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not request.path_info.startswith(reverse("wagtailadmin_home")) or name in WITHOUT_LOGIN | OF_STEPS:
            return None
        if name == "wagtailadmin_login" and request.method == "POST":
            return None
        if not request.session.session_key or request.user.is_authenticated:
            return None
        step = missing_step(request, account_of(request))
        return None if step is None else _lead_to(step, request)


def _user_of(request: HttpRequest, account: Any) -> Any:
    return account if missing_step(request, account) is None else AnonymousUser()


def _lead_to(step: Step, request: HttpRequest) -> HttpResponse:
    """Redirect to the URL of the step, which leads back afterwards; scripts get 403."""
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return HttpResponseForbidden()
    target = request.GET.get("next", "") if "login" in request.path_info else request.get_full_path()
    query = f"?{urlencode({'next': target})}" if request.method == "GET" and target else ""
    return HttpResponseRedirect(reverse(step.value) + query)
