"""Ends what an account has in a department when it leaves: subscriptions, locks, editing sessions, invitations.

Invitations that an account has sent end as soon as it may invite nobody to the department any more. Packages above this
one end what depends on a role when `roles_lost` is sent.

The signals of the groups of accounts are used, since Wagtail's screens, commands and this product change them. Tasks of
workflows end by themselves: they belong to groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models.signals import m2m_changed, post_delete, pre_delete
from django.dispatch import Signal
from django.utils import timezone
from wagtail.admin.models import EditingSession, FormState
from wagtail.models import LockableMixin, PageSubscription

from sites.access.capabilities import is_unrestricted, users_with_capability
from sites.access.ownership import departments_owning, ownership_lookup_of
from sites.audit_log.recording import Action, record
from sites.audit_log.signals import account_changed
from sites.models import Department, Invitation
from sites.roles import Capability

User = get_user_model()

member_left = Signal()
"""Sent with `user` after the account has lost its last role in one or several departments."""

roles_lost = Signal()
"""Sent with `user` after the account has lost a role in a department, or was closed with all its roles."""


def end_participation(user: Any, department: Department, *, revoke_invitations: bool = True) -> None:
    """Remove the user's subscriptions, locks, editing sessions and form states in the department.

    Revoke the pending invitations to the user's address, which would lead back into the department.
    """
    for model in (PageSubscription, *_lockable_models()):
        rows = model._default_manager.all()
        if model is PageSubscription:
            rows.filter(user=user, page__path__startswith=department.container.path).delete()
        elif (lookup := ownership_lookup_of(model)) is not None:
            locked = rows.filter(lookup.condition(model, [department]), locked_by=user)
            locked.update(locked=False, locked_by=None, locked_at=None)
    for states in (EditingSession.objects.filter(user=user), FormState.objects.filter(user=user)):
        for state in states.select_related("content_type"):
            edited = state.content_object
            # The form state of a new page has no object; it is deleted, whatever the department.
            if edited is None or departments_owning(edited).filter(pk=department.pk).exists():
                state.delete()
    if user.email and revoke_invitations:
        department.invitations.pending().filter(email=user.email.lower()).update(revoked_at=timezone.now())


def end_unfounded_invitations(user: Any) -> None:
    """Revoke the pending invitations that the account has sent to departments to which it may no longer invite."""
    for invitation in Invitation.objects.pending().filter(invited_by=user).select_related("department"):
        if not _may_invite(user, invitation.department):
            _revoke(invitation)


def _may_invite(user: Any, department: Department) -> bool:
    return is_unrestricted(user) or users_with_capability(Capability.ACCOUNTS, department).filter(pk=user.pk).exists()


def _revoke(invitation: Invitation) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(Action.INVITATION_REVOKED, department=invitation.department, invitation=invitation.pk)


def watch_membership_ends() -> None:
    """Connect the signals; called once, when the applications are ready."""
    m2m_changed.connect(_on_groups_changed, sender=User.groups.through, dispatch_uid="membership_end")
    pre_delete.connect(_before_group_deletion, sender=Group, dispatch_uid="membership_end")
    post_delete.connect(_after_group_deletion, sender=Group, dispatch_uid="membership_end")
    account_changed.connect(_on_account_changed, sender=User, dispatch_uid="membership_end")
    pre_delete.connect(_before_account_deletion, sender=User, dispatch_uid="membership_end")


def _lockable_models() -> list[Any]:
    """Return the models whose tables have locks; a page type shares the table of Page."""
    models = [model for model in apps.get_models() if issubclass(model, LockableMixin) and not model._meta.proxy]
    return [model for model in models if model._meta.get_field("locked_by").model is model]


def _departments_of_groups(groups: Iterable[int]) -> list[Department]:
    departments = Department.objects.filter(department_groups__group__in=groups)
    return list(departments.select_related("container").distinct())


def _end_where_left(user: Any, departments: Iterable[Department]) -> None:
    kept = set(user.groups.values_list("department_group__department", flat=True))
    left = [department for department in departments if department.pk not in kept]
    for department in left:
        # Invitations to a closed account are newer than its closing, and open it again.
        end_participation(user, department, revoke_invitations=user.is_active)
    end_unfounded_invitations(user)
    roles_lost.send(sender=type(user), user=user)
    if left:
        member_left.send(sender=type(user), user=user)


def _on_groups_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """End participation after groups were removed from an account, or accounts (`reverse`) from a group."""
    if action == "pre_clear":
        related = instance.user_set if reverse else instance.groups
        instance._cleared = set(related.values_list("pk", flat=True))
        return
    if action not in ("post_remove", "post_clear"):
        return
    removed = pk_set or instance.__dict__.pop("_cleared", set())
    if reverse:
        departments = _departments_of_groups([instance.pk])
        for user in User._default_manager.filter(pk__in=removed) if departments else ():
            _end_where_left(user, departments)
    elif departments := _departments_of_groups(removed):
        _end_where_left(instance, departments)


def _before_group_deletion(instance: Group, **kwargs: Any) -> None:
    """Note who leaves: the deletion of a group sends no signal for its accounts."""
    departments = _departments_of_groups([instance.pk])
    members = list(instance.user_set.all()) if departments else []
    instance._leaving = members, departments  # type: ignore[attr-defined]


def _after_group_deletion(instance: Group, **kwargs: Any) -> None:
    members, departments = instance.__dict__.pop("_leaving", ((), ()))
    for user in members:
        _end_where_left(user, departments)


def _on_account_changed(account: Any, action: str, **kwargs: Any) -> None:
    """End the participation of an account that was closed in all its departments."""
    if action == Action.ACCOUNT_CLOSED:
        for department in _departments_of_groups(list(account.groups.values_list("pk", flat=True))):
            end_participation(account, department)
        roles_lost.send(sender=type(account), user=account)
    if action in (Action.ACCOUNT_CLOSED, Action.INSTANCE_RIGHTS_TAKEN):
        end_unfounded_invitations(account)


def _before_account_deletion(instance: Any, **kwargs: Any) -> None:
    """Revoke what the account has sent: without the account nobody could tell that its permission has ended."""
    for invitation in Invitation.objects.pending().filter(invited_by=instance).select_related("department"):
        _revoke(invitation)
