"""The authentication backend of accounts that log in through the OpenID provider."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cms.users.models import SingleSignOnIdentity, User
from sites.access.auth_backend import CapabilityBackend


class SingleSignOnBackend(CapabilityBackend):
    """Returns the active account of an identity that `single_sign_on.provider` has verified.

    A user name and a password are no credentials here. Permissions are those of `CapabilityBackend`, which Django also
    asks: `has_perm` gives the same answer twice.
    """

    login_method = "single_sign_on"  # For the audit log.

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, *, issuer: str = "", subject: str = "", **kwargs: Any
    ) -> Any:
        if not issuer or not subject:
            return None
        identity = SingleSignOnIdentity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
        return identity.user if identity and self.user_can_authenticate(identity.user) else None

    def get_user(self, user_id: Any) -> Any:
        """Return the account of a session; None once the provider is not configured or not connected any more."""
        if not settings.OIDC:
            return None
        connected = User.objects.filter(pk=user_id, singlesignonidentitys__issuer=settings.OIDC["issuer"]).first()
        return connected if connected is not None and self.user_can_authenticate(connected) else None
