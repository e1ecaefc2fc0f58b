"""Wagtail's views of logout and of password resets, whose GET requests change nothing.

Wagtail's logout deletes the cookie of the session in every response, also in the one that refuses GET. Django's view of
a password reset stores the token of the link in the session, which is a row for each opened link.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers
from wagtail.admin.views.account import LogoutView, PasswordResetConfirmView

from sites.host_cookies import delete_host_cookie, set_host_cookie, signed_host_cookie

COOKIE = "password_reset"
COOKIE_SECONDS = 3600


class PostOnlyLogoutView(LogoutView):
    """Wagtail's logout, for POST only: other methods end no session and delete no cookie."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return super().dispatch(request, *args, **kwargs)


class _TokenOfCookie:
    """A token generator that checks the token of the cookie, where Django passes that of the session."""

    def __init__(self, token: str) -> None:
        self._token = token

    def check_token(self, user: Any, _token: str | None) -> bool:
        return default_token_generator.check_token(user, self._token)


class PasswordResetLinkView(PasswordResetConfirmView):
    """Wagtail's view of the link in a password reset, which keeps the token in a signed cookie."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        token = kwargs["token"]
        if token == self.reset_url_token:
            self.token_generator = _TokenOfCookie(signed_host_cookie(request, COOKIE, COOKIE_SECONDS))
        elif default_token_generator.check_token(self.get_user(kwargs["uidb64"]), token):
            return self._redirect_without_token(request, token)
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        response = HttpResponseRedirect(self.get_success_url())
        delete_host_cookie(response, COOKIE)
        return response

    def _redirect_without_token(self, request: HttpRequest, token: str) -> HttpResponse:
        response = HttpResponseRedirect(request.path.replace(token, self.reset_url_token))
        set_host_cookie(request, response, COOKIE, token, max_age=COOKIE_SECONDS, is_signed=True)
        add_never_cache_headers(response)
        return response
