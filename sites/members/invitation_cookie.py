"""The signed cookie that holds the hash of an invitation's token, from the opened link to the accepted invitation.

A session would be a row for each link, wrong ones too. The login by a provider reads the cookie as well.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from sites.host_cookies import delete_host_cookie, set_host_cookie, signed_host_cookie

COOKIE = "invitation"
COOKIE_SECONDS = 3600


def store_token_hash(request: HttpRequest, response: HttpResponse, token_hash: str) -> None:
    """Set the cookie, for an hour."""
    set_host_cookie(request, response, COOKIE, token_hash, max_age=COOKIE_SECONDS, is_signed=True)


def stored_token_hash(request: HttpRequest) -> str:
    """Return the hash, or "" without a valid cookie."""
    return signed_host_cookie(request, COOKIE, COOKIE_SECONDS)


def delete_token_cookie(response: HttpResponse) -> None:
    """Delete the cookie, when the invitation is accepted."""
    delete_host_cookie(response, COOKIE)
