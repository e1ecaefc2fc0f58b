"""Records changes of an account's login and tells its owner, who may not have made them (ASVS 5.0, 6.3.7)."""

from __future__ import annotations

from typing import Any

from django.core.mail import send_mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy
from wagtail.users.models import UserProfile

from sites.audit_log.recording import Action, record_for_account
from sites.audit_log.signals import account_changed
from sites.mail.audience import about

from .second_factor.signals import second_factors_changed

SENTENCES = {
    Action.PASSWORD_CHANGED: gettext_lazy("The password of your account has changed."),
    "app_added": gettext_lazy("An authenticator app was added to your account."),
    "app_removed": gettext_lazy("An authenticator app was removed from your account."),
    "passkey_added": gettext_lazy("A passkey was added to your account."),
    "passkey_removed": gettext_lazy("A passkey was removed from your account."),
    "recovery_codes_replaced": gettext_lazy("The recovery codes of your account were replaced."),
    "identity_added": gettext_lazy("Your account was connected to a login service."),
    "identity_removed": gettext_lazy("Your account is no longer connected to the login service."),
    "all_removed": gettext_lazy("All second factors of your account were removed."),
}


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    second_factors_changed.connect(receive_second_factors, dispatch_uid="users.second_factors_changed")
    account_changed.connect(receive_account, dispatch_uid="users.account_changed")


def receive_second_factors(sender: Any, request: HttpRequest | None, user: Any, change: str, **kwargs: Any) -> None:
    record_for_account(Action.SECOND_FACTORS_CHANGED, user, request=request, change=change)
    _notify(user, change)


def receive_account(sender: Any, account: Any, action: str, **kwargs: Any) -> None:
    if action in SENTENCES:
        _notify(account, action)


def _notify(user: Any, change: str) -> None:
    """Put the notice into the outbox; an account without an address gets none."""
    if not user.email:
        return
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()), about(user):
        text = render_to_string("cms_users/security_notice.txt", {"sentence": SENTENCES[change]})
        send_mail(gettext("The login of your account has changed"), text, None, [user.email])
