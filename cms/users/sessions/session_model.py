"""The row of a session, which names its account, so that the sessions of an account can be listed and ended."""

from __future__ import annotations

import datetime
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

SALT = "cms.users.sessions"


class AccountSession(AbstractBaseSession):
    """A session of the admin. Without a login it has no account.

    It ends SESSION_HOURS after the login, or when it was not used for SESSION_IDLE_MINUTES. The store writes the fields
    from the data of the session.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="account_sessions",
    )
    logged_in_at = models.DateTimeField(_("logged in at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), default=timezone.now, editable=False)
    # The client at the login.
    client_address = models.GenericIPAddressField(_("address of the client"), null=True, editable=False)
    user_agent = models.CharField(_("program"), max_length=200, blank=True, editable=False)

    class Meta(AbstractBaseSession.Meta):
        ordering = ("-last_used_at",)

    @classmethod
    def get_session_store_class(cls) -> type:
        store: type = import_module(settings.SESSION_ENGINE).SessionStore
        return store

    @property
    def public_id(self) -> str:
        """An identifier for forms, from which the key of the session cannot be computed."""
        return salted_hmac(SALT, self.session_key, algorithm="sha256").hexdigest()

    @property
    def is_over(self) -> bool:
        """True if the time of a login is over; without a login only the expiry date counts."""
        if self.user_id is None:
            return False
        now = timezone.now()
        return (
            self.logged_in_at is None
            or now - self.logged_in_at >= datetime.timedelta(hours=settings.SESSION_HOURS)
            or now - self.last_used_at >= datetime.timedelta(minutes=settings.SESSION_IDLE_MINUTES)
        )
