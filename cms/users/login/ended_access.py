"""Ends the sessions and the API tokens of an account when something changes that proves who uses it (ASVS 5.0, 7.4.3).

The session in which the owner makes the change goes on; the views give it a new key, which is not undone with a change
that is rolled back. Signals report the changes that end access:

- each model of credentials (subclasses of `Credential`): a row that is added, deleted or changed otherwise than by use;
- the account's own fields, as the audit log names their changes (ENDING_CHANGES);
- the end of its membership of a department.

A department that disables local passwords needs no signal: `cms.users.session_state` asks at each request.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils import timezone
from wagtail.models import APIToken

from cms.users.credential_models import Credential
from cms.users.sessions.account_sessions import end_sessions
from sites.audit_log.recording import Action, record_for_account
from sites.audit_log.signals import account_changed
from sites.members.membership_end import member_left
from sites.people.request_context import current_request

ENDING_CHANGES = frozenset(
    (
        Action.PASSWORD_CHANGED,
        Action.ADDRESS_CHANGED,
        Action.ACCOUNT_CLOSED,
        Action.ACCOUNT_OPENED,
        Action.INSTANCE_RIGHTS_GIVEN,
        Action.INSTANCE_RIGHTS_TAKEN,
    )
)
# Fields of credentials that their use changes, and their name.
FIELDS_OF_USE = frozenset(("last_used_at", "last_step", "sign_count", "name"))
HANDLED = "_ended_access_of"  # attribute of the row or queryset whose deletion was asked for


def connect_signals() -> None:
    """Connect the receivers. Called once, when the applications are ready."""
    account_changed.connect(_on_account_changed, dispatch_uid="users.ended_access")
    member_left.connect(_on_member_left, dispatch_uid="users.ended_access")
    for model in Credential.__subclasses__():
        post_save.connect(_on_credential_saved, sender=model, dispatch_uid="users.ended_access")
        post_delete.connect(_on_credential_deleted, sender=model, dispatch_uid="users.ended_access")


@transaction.atomic
def end_access(user: Any) -> None:
    """End all sessions and API tokens of the account, except the session of the current request."""
    acting = _request_of(user)
    end_sessions(user, except_key=acting.session.session_key if acting is not None else None, request=acting)
    ended = APIToken.objects.filter(user=user.pk, revoked_at=None).update(revoked_at=timezone.now())
    if ended:
        record_for_account(Action.API_TOKENS_CHANGED, user, change="token_removed", number=ended)


def _request_of(user: Any) -> HttpRequest | None:
    """Return the current request if it is of a session of the account, also of one that lacks a step."""
    request = current_request()
    if request is None or not hasattr(request, "session"):
        return None
    account = getattr(request, "session_account", None)
    is_acting = account is not None and account.is_authenticated and account.pk == user.pk
    return request if is_acting and request.session.get(SESSION_KEY) == str(user.pk) else None


def _on_account_changed(sender: Any, account: Any, action: str, **kwargs: Any) -> None:
    if action in ENDING_CHANGES:
        end_access(account)


def _on_member_left(sender: Any, user: Any, **kwargs: Any) -> None:
    end_access(user)


def _on_credential_saved(
    sender: Any, instance: Credential, created: bool, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    is_use = not created and update_fields is not None and FIELDS_OF_USE.issuperset(update_fields)
    if not raw and not is_use:
        end_access(instance.user)


def _on_credential_deleted(sender: Any, instance: Credential, origin: Any = None, **kwargs: Any) -> None:
    """End access once for all rows of a queryset; nothing is left to end when the account itself is deleted."""
    model = type(origin) if isinstance(origin, Model) else getattr(origin, "model", None)
    if model is None or not issubclass(model, Credential):
        return
    handled: set[int] = origin.__dict__.setdefault(HANDLED, set())
    if instance.user_id not in handled:
        handled.add(instance.user_id)
        end_access(instance.user)
