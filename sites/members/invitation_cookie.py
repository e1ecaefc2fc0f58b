"""The signed cookie that holds the hash of an invitation's token, from the opened link to the accepted invitation.

A session would be a row for each link, wrong ones too. The login by a provider reads the cookie as well, so its path is
that of the admin.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "invitation"
COOKIE_SECONDS = 3600


def store_token_hash(request: HttpRequest, response: HttpResponse, token_hash: str) -> None:
    """Set the cookie, for an hour."""
    response.set_signed_cookie(
        COOKIE,
        token_hash,
        max_age=COOKIE_SECONDS,
        path=_path(),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def stored_token_hash(request: HttpRequest) -> str:
    """Return the hash, or "" without a valid cookie."""
    return request.get_signed_cookie(COOKIE, default="", max_age=COOKIE_SECONDS) or ""


def forget_token_hash(response: HttpResponse) -> None:
    """Delete the cookie, when the invitation is accepted."""
    response.delete_cookie(COOKIE, path=_path())


def _path() -> str:
    return reverse("wagtailadmin_home")
