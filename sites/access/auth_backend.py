"""An authentication backend that answers model permissions of third-party packages from the table of roles."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_permission_codename, get_user_model
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from sites.rate_limits.account_lock import count_login
from sites.roles import Capability

from .capabilities import has_capability
from .permission_policies import WRITING, DepartmentPermissionPolicy

User = get_user_model()

SUBMIT_TRANSLATION = "wagtail_localize.submit_translation"


class CapabilityBackend(ModelBackend):
    """Django's backend with a limit of attempts, plus the permissions that wagtail-localize checks for a translation.

    It answers for the whole instance: access control checks the department and the row of each request. Nothing is
    granted in the database.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Any:
        """Return the user, or None. Raises RateLimitExceeded after too many attempts of the account or the client."""
        if request is not None and password is not None:
            count_login(request, username or kwargs.get("email") or kwargs.get(User.USERNAME_FIELD) or "")
        return super().authenticate(request, username=username, password=password, **kwargs)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if super().has_perm(user_obj, perm, obj):
            return True
        capability = (
            _required_capability(perm) if obj is None and user_obj.is_active and not user_obj.is_anonymous else None
        )
        return capability is not None and has_capability(user_obj, capability)


def _required_capability(permission: str) -> Capability | None:
    if permission == SUBMIT_TRANSLATION:
        return Capability.TRANSLATION
    for model in get_snippet_models():
        policy = policy_registry.get_by_type(model)
        if isinstance(policy, DepartmentPermissionPolicy):
            names = {f"{model._meta.app_label}.{get_permission_codename(action, model._meta)}" for action in WRITING}
            if permission in names:
                return policy.capability
    return None
