"""Changes of the e-mail address of an account: requested with the password, valid after a link is opened.

The link contains a signed token and no row is stored before it is confirmed. The token is valid once, and not after
another change of the login: it depends on the address, the password and the second factors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.users.models import UserProfile

from sites.audit_log.recording import Action, record_for_account
from sites.members.addresses import has_proven_address, release_address
from sites.rate_limits.limiter import RateLimitExceeded, consume

LIFETIME = timedelta(hours=24)
PREFIX = "email_change"  # of the form in the account screen
SALT = "cms.users.email_change"

email_changed = Signal()
"""Sent with `user` and `previous`, the former address, after a change."""


def request_change(user: Any, email: str) -> None:
    """Send a link to the new address and a notice to the current one.

    If another account has the new address, the e-mail there says so. The sender of the request learns nothing: the
    queries and the number of e-mails are the same. `count_request` limits the requests.
    """
    email = email.strip().lower()
    record_for_account(Action.ADDRESS_CHANGE_REQUESTED, user)
    holder = get_user_model()._default_manager.filter(email__iexact=email).exclude(pk=user.pk).first()
    token = signing.dumps({"user": user.pk, "email": email, "state": _state(user)}, salt=SALT)
    context = {
        "user": user,
        "email": email,
        "link": settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("email_change", args=[token]),
        "is_taken": holder is not None and has_proven_address(holder),
    }
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        for address, name in ((email, "confirm"), (user.email, "notice")):
            text = render_to_string(f"cms_users/email_change/{name}.txt", context)
            send_mail(_("Change of the e-mail address of your account"), text, None, [address])


def count_request(request: HttpRequest, arguments: Mapping[str, Any]) -> None:
    """Count a form of the account screen with a new address, before its view runs. Raises RateLimitExceeded.

    The mailbox gets few e-mails from all accounts together. Beyond this limit each account has one request of its own,
    since other accounts must not keep the owner of the address from taking it.
    """
    user: Any = request.user
    email = request.POST.get(f"{PREFIX}-email", "").strip().lower()
    if not user.is_authenticated or not email or email == user.email.lower():
        return
    count = partial(consume, request=request, account=user.get_username())
    count("email_change.account", user.pk)
    count("email_change.address", user.pk, email)
    try:
        count("email_change.mailbox", email)
    except RateLimitExceeded:
        count("email_change.beyond", user.pk, email)


def requested_address(user: Any, token: str) -> str | None:
    """Return the new address of a link, or None if the link has expired, was used, or belongs to another account."""
    try:
        content = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    if content["user"] != user.pk or not constant_time_compare(content["state"], _state(user)):
        return None
    address: str = content["email"]
    return address


def confirm_change(user: Any, email: str) -> bool:
    """Give the account the address, to which its link was sent. Return False if another account has it now.

    A name at login that is the former address becomes the new one, unless another account has this name.
    """
    accounts = get_user_model()._default_manager.exclude(pk=user.pk)
    holder = accounts.filter(email__iexact=email).first()
    if holder is not None and has_proven_address(holder):
        return False
    previous = user.email
    try:
        with transaction.atomic():
            if holder is not None:
                release_address(holder)
            if user.username.lower() == previous.lower() and not accounts.filter(username__iexact=email).exists():
                user.username = email
            user.email, user.email_confirmed_at = email, timezone.now()
            user.save(update_fields=["email", "username", "email_confirmed_at"])
            log(user, "wagtail.edit")
    except IntegrityError:  # Another request took the address meanwhile.
        return False
    email_changed.send(sender=type(user), user=user, previous=previous)
    return True


def _state(user: Any) -> str:
    state = f"{user.email} {user.password} {user.second_factor_key}"
    return salted_hmac(SALT, state, algorithm="sha256").hexdigest()
