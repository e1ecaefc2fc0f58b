"""The cookie of a browser in which an account was logged in: its attempts are counted apart from those of strangers.

So strangers who lock an account do not keep its owner out (OWASP, “Device cookies”). A thief of the cookie gets
no more than a count of attempts.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from sites.host_cookies import set_host_cookie, signed_host_cookie

from .limiter import comparable

COOKIE = "device"
COOKIE_SECONDS = int(timedelta(days=180).total_seconds())
SEPARATOR = "."


def names_of_account(user: Any) -> set[str]:
    """Return the names with which the account can log in, as attempts are counted."""
    return {comparable(user.get_username()), comparable(user.email)}


def device_of(request: HttpRequest, name: str) -> str:
    """Return the identifier of the device if an account with this name was logged in on it, else ""."""
    device, *known = signed_host_cookie(request, COOKIE, COOKIE_SECONDS).split(SEPARATOR)
    wanted = _key_of(comparable(name))
    return device if any(constant_time_compare(each, wanted) for each in known) else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: Any) -> None:
    """Set the cookie after a login. The device gets a new identifier, and is that of the last account only."""
    value = SEPARATOR.join([secrets.token_hex(16), *sorted(map(_key_of, names_of_account(user)))])
    set_host_cookie(request, response, COOKIE, value, max_age=COOKIE_SECONDS, is_signed=True)


def _key_of(name: str) -> str:
    """Return a key instead of the name, which other people who use the device may not read."""
    return salted_hmac(__name__, name, algorithm="sha256").hexdigest()
