"""Rules of tokens of Wagtail's API: their holders, their log entries and the notices about them.

A token replaces the login, so it needs what the login needs: an open account, and a second factor where the instance or
a department requires one. `ended_access` ends the tokens of an account whose login changes.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_delete, post_save, pre_save
from wagtail.models import APIToken

from cms.users.session_state import requires_second_factor

from .signals import api_tokens_changed


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    pre_save.connect(_before_save, sender=APIToken, dispatch_uid="users.token_rules")
    post_save.connect(_after_save, sender=APIToken, dispatch_uid="users.token_rules")
    post_delete.connect(_after_deletion, sender=APIToken, dispatch_uid="users.token_rules")


def may_have_tokens(user: Any) -> bool:
    """Return True if the account may use tokens: it is open, and has a second factor of its own where one is required.

    A second factor at the OpenID provider does not count: it is of a session there.
    """
    return bool(user.is_active) and (bool(user.second_factor_key) or not requires_second_factor(user))


def _before_save(sender: Any, instance: APIToken, raw: bool = False, **kwargs: Any) -> None:
    """Refuse a new token by PermissionDenied, whatever code creates it."""
    if instance._state.adding and not raw and not may_have_tokens(instance.user):
        raise PermissionDenied("The account is closed, or needs a second factor before it gets a token.")


def _after_save(
    sender: Any, instance: APIToken, created: bool, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    if raw:
        return
    if created:
        api_tokens_changed.send(sender=sender, user=instance.user, change="token_added")
    elif instance.revoked_at is not None and (update_fields is None or "revoked_at" in update_fields):
        api_tokens_changed.send(sender=sender, user=instance.user, change="token_removed")


def _after_deletion(sender: Any, instance: APIToken, origin: Any = None, **kwargs: Any) -> None:
    """Report a deleted token, unless its account is deleted."""
    if isinstance(origin, APIToken) or getattr(origin, "model", None) is APIToken:
        api_tokens_changed.send(sender=sender, user=instance.user, change="token_removed")
