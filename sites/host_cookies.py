"""Cookies of one host: `__Host-` names in production (RFC 6265bis, 4.1.3.2), HttpOnly, SameSite=Lax, for all paths.

A browser accepts a cookie with that prefix only over https, from the host itself and without a Domain attribute. So
another host of the same domain can neither set nor read it.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponse


def cookie_name(name: str) -> str:
    """Return the name with the prefix of the environment (setting COOKIE_PREFIX)."""
    return f"{settings.COOKIE_PREFIX}{name}"


def set_host_cookie(
    request: HttpRequest,
    response: HttpResponse,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    is_signed: bool = False,
) -> None:
    """Set a cookie that only the server reads. Without `max_age` (seconds) it ends with the browser's session."""
    options: dict[str, Any] = {
        "max_age": max_age,
        "secure": bool(settings.COOKIE_PREFIX) or request.is_secure(),
        "httponly": True,
        "samesite": "Lax",
    }
    set_cookie = response.set_signed_cookie if is_signed else response.set_cookie
    set_cookie(cookie_name(name), value, **options)


def host_cookie(request: HttpRequest, name: str) -> str:
    """Return the value of a cookie without signature, "" without one."""
    return request.COOKIES.get(cookie_name(name), "")


def signed_host_cookie(request: HttpRequest, name: str, max_age: int) -> str:
    """Return the value of a signed cookie; "" if it is missing, older than `max_age` seconds or of another origin."""
    return request.get_signed_cookie(cookie_name(name), default="", max_age=max_age) or ""


def delete_host_cookie(response: HttpResponse, name: str) -> None:
    """Delete a cookie that `set_host_cookie` has set."""
    response.delete_cookie(cookie_name(name), samesite="Lax")


class HostCookieStorage(CookieStorage):
    """Django's cookie of messages, under the name of the environment."""

    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return cookie_name("messages")


class MessageStorage(FallbackStorage):
    """Messages in the cookie; those that are too long for it in the session (setting MESSAGE_STORAGE)."""

    storage_classes = (HostCookieStorage, SessionStorage)
