"""The temporary lock of an account after wrong passwords, and its end: a login, a new password, or the time.

Strangers can cause it. A browser in which the account was logged in before is not locked with it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from .known_device import device_of, names_of_account
from .limiter import comparable, consume, consume_for_client, reset_attempts

# Attribute of a request: the names that it has counted.
COUNTED = "_counted_logins"
# Attribute of a request: the account that logged in.
LOGGED_IN = "_logged_in_account"


def count_login(request: HttpRequest, name: str) -> None:
    """Count an attempt to log in with a user name or e-mail address. Raises RateLimitExceeded.

    The attempt is counted before the password is compared, so that parallel requests cannot exceed the limit. A name
    without an account is counted in the same way, so that the lock does not reveal which names have accounts. One
    request counts a name once: `limited_urls` counts it before the transaction of the view starts, and the backend
    counts every other way to log in.
    """
    counted = request.__dict__.setdefault(COUNTED, set())
    if (normalised := comparable(name)) in counted:
        return
    counted.add(normalised)
    consume_for_client("login.client", request, account=name)
    if device := device_of(request, name):
        consume("login.device", name, device, request=request, account=name)
    else:
        consume("login.account", name, request=request, account=name)


def unlock(user: Any) -> None:
    """Delete the attempts to log in to an account, and the requests for a new password."""
    for name in {user.get_username(), user.email}:
        reset_attempts("login.account", name)
    reset_attempts("reset.address", user.email)


def connect_signals() -> None:
    user_logged_in.connect(_unlock_after_login, dispatch_uid="sites.unlock_after_login")


def _unlock_after_login(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Begin a new count. A login on a known device does not delete the attempts of strangers."""
    setattr(request, LOGGED_IN, user)
    known = {name: device for name in names_of_account(user) if (device := device_of(request, name))}
    if not known:
        unlock(user)
        return
    for name, device in known.items():
        reset_attempts("login.device", name, device)
    reset_attempts("reset.address", user.email)
