"""The state of a session: which step is missing before it may be used.

A session that lacks a step counts as anonymous everywhere. `cms.users.middleware` applies this to every request, so
that each view that logs somebody in, now or later, is covered.
"""

from __future__ import annotations

import time
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.http import HttpRequest

from sites.access.capabilities import departments_of, is_unrestricted

SINGLE_SIGN_ON_BACKEND = "cms.users.single_sign_on.backend.SingleSignOnBackend"

# Keys of the session. The mark is the value of `User.second_factor_key`, or BY_PROVIDER.
MARK = "second_factor"
BY_PROVIDER = "provider"
CONFIRMED_AT = "identity_confirmed_at"
# Seconds for which a proof of identity allows changes of second factors.
CONFIRMATION_SECONDS = 10 * 60


class Step(Enum):
    """A step that is missing before a session may be used; the value is the name of the URL where it is done."""

    SECOND_FACTOR = "account_security_verify"
    SINGLE_SIGN_ON = "single_sign_on_required"
    ENROLMENT = "account_security"


def account_of(request: HttpRequest) -> Any:
    """Return the account of the session, also if a step is missing; an anonymous user without a login."""
    return getattr(request, "session_account", request.user)


def missing_step(request: HttpRequest, user: Any) -> Step | None:
    """Return the step that the session of the user lacks, or None. One query for members, shared with access control.

    A member of a department that requires single sign-on connects the account once: with the password and, if there is
    one, the second factor.
    """
    if not user.is_authenticated:
        return None
    is_verified = has_second_factor(request, user)
    if user.second_factor_key and not is_verified:
        return Step.SECOND_FACTOR
    if requires_single_sign_on(user) and not _is_single_sign_on(request):
        return Step.SINGLE_SIGN_ON
    if requires_second_factor(user) and not is_verified:
        return Step.ENROLMENT
    return None


def has_second_factor(request: HttpRequest, user: Any) -> bool:
    """Return True if the session has passed a second factor, here or at the OpenID provider."""
    mark = request.session.get(MARK, "")
    if mark == BY_PROVIDER:
        return _is_single_sign_on(request)
    return bool(user.second_factor_key) and mark == user.second_factor_key


def requires_second_factor(user: Any) -> bool:
    """Return True if the instance or a department of the user requires a second factor."""
    if settings.SECOND_FACTOR_REQUIRED == "everyone":
        return True
    if is_unrestricted(user):
        return bool(settings.SECOND_FACTOR_REQUIRED == "administrators")
    return any(department.requires_second_factor for department in departments_of(user))


def requires_single_sign_on(user: Any) -> bool:
    """Return True if a department of the user has disabled local passwords. Superusers belong to no department."""
    return not is_unrestricted(user) and any(department.requires_single_sign_on for department in departments_of(user))


def confirm_login(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """Receive `user_logged_in`: a login is a proof of identity."""
    if request is not None:
        confirm_identity(request)


def confirm_identity(request: HttpRequest) -> None:
    """Store that the person has just proved who they are."""
    request.session[CONFIRMED_AT] = time.time()


def is_identity_confirmed(request: HttpRequest) -> bool:
    """Return True if the proof of identity is recent enough to change second factors."""
    return 0 <= time.time() - request.session.get(CONFIRMED_AT, 0) < CONFIRMATION_SECONDS


def mark_verified(request: HttpRequest, mark: str) -> None:
    """Store in the session, under a new key, that the second factor has been passed."""
    request.session.cycle_key()
    request.session[MARK] = mark
    confirm_identity(request)


def _is_single_sign_on(request: HttpRequest) -> bool:
    return bool(request.session.get(BACKEND_SESSION_KEY) == SINGLE_SIGN_ON_BACKEND)
