"""The user model. It is a custom one from the first migration, so that it can be extended."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.people.personal_names import substitute_for_name
from sites.rate_limits.account_lock import unlock

from .credential_models import AuthenticatorApp, Passkey, RecoveryCode, SingleSignOnIdentity
from .sessions.session_model import AccountSession

__all__ = ["AccountSession", "AuthenticatorApp", "Passkey", "RecoveryCode", "SingleSignOnIdentity", "User"]


class User(AbstractUser):
    """An account of an editor, a translator or an administrator.

    The e-mail address is unique, because invitations and password resets are sent to it. It is confirmed when its owner
    has opened a link that was sent to it (`sites.members.addresses`).
    """

    email = models.EmailField(_("email address"), unique=True)
    email_confirmed_at = models.DateTimeField(_("email address confirmed at"), null=True, blank=True, editable=False)

    # Empty for an account without a second factor. It changes with every change of the second factors, and a session is
    # verified if it has stored the present value: so each change asks all other sessions for the second factor again.
    second_factor_key = models.CharField(max_length=32, blank=True, default="", editable=False)

    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def set_password(self, raw_password: str | None) -> None:
        """Set a password and end the lock of the account: a new password, by mail for instance, is the way back."""
        super().set_password(raw_password)
        unlock(self)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Return the full name; the name of the person's department to users who are in no department of the person."""
        return substitute_for_name(self) or super().get_full_name()
