"""Records changes of an account's login and tells its owner, who may not have made them (ASVS 5.0, 6.3.7)."""

from __future__ import annotations

from contextlib import nullcontext
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
from sites.members.addresses import UNCONFIRMED_DOMAIN

from .login.signals import api_tokens_changed
from .second_factor.signals import identity_confirmed, second_factors_changed

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
    "recovery_code_used": gettext_lazy("A recovery code of your account was used to log in. It is not valid any more."),
    "token_added": gettext_lazy("A token for the API was created for your account."),
    "token_removed": gettext_lazy("A token of your account for the API was revoked."),
    Action.ADDRESS_CHANGED: gettext_lazy("The e-mail address of your account has changed. It was this one until now."),
    Action.INSTANCE_RIGHTS_GIVEN: gettext_lazy("Your account is now one of the administration of the instance."),
}


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    second_factors_changed.connect(receive_second_factors, dispatch_uid="users.second_factors_changed")
    identity_confirmed.connect(receive_confirmation, dispatch_uid="users.identity_confirmed")
    api_tokens_changed.connect(receive_tokens, dispatch_uid="users.api_tokens_changed")
    account_changed.connect(receive_account, dispatch_uid="users.account_changed")


def receive_second_factors(sender: Any, request: HttpRequest | None, user: Any, change: str, **kwargs: Any) -> None:
    record_for_account(Action.SECOND_FACTORS_CHANGED, user, request=request, change=change)
    _notify(user, change)


def receive_confirmation(sender: Any, request: HttpRequest, user: Any, method: str, **kwargs: Any) -> None:
    record_for_account(Action.IDENTITY_CONFIRMED, user, account=user, request=request, method=method)


def receive_tokens(sender: Any, user: Any, change: str, **kwargs: Any) -> None:
    record_for_account(Action.API_TOKENS_CHANGED, user, change=change)
    _notify(user, change)


def receive_account(sender: Any, account: Any, action: str, previous_email: str = "", **kwargs: Any) -> None:
    if action in SENTENCES:
        _notify(account, action, previous_email)


def _notify(user: Any, change: str, former_address: str = "") -> None:
    """Put the notice into the outbox, for the address of the account, or for its former one.

    An account without an address gets no notice. Nothing is sent to a former address that was never confirmed, since
    it may belong to somebody else.
    """
    if not user.email or (former_address and user.email.endswith(UNCONFIRMED_DOMAIN)):
        return
    subject: Any = nullcontext() if former_address else about(user)
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()), subject:
        text = render_to_string("cms_users/security_notice.txt", {"sentence": SENTENCES[change]})
        send_mail(gettext("The login of your account has changed"), text, None, [former_address or user.email])
