"""The members of a department: queries, and the only functions that add, change and remove members.

The functions change groups of the given department only, and never a superuser, so that a caller cannot extend the
permissions of an account in another department. Each raises PermissionDenied if `by` may not manage members any more.
Every change is logged at the department, whose history shows it. An entry refers to the account or to the invitation,
so that the name and the address end with these.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from sites.access.capabilities import require_capability_now
from sites.audit_log.recording import Action, record
from sites.mail.audience import about, register_audience
from sites.mail.delivery import message_sent
from sites.models import Department, DepartmentGroup, Invitation
from sites.models.invitation import hash_token
from sites.rate_limits.limiter import RateLimitExceeded, consume
from sites.roles import ROLES, Capability

from .addresses import confirm_address

User = get_user_model()

ADMINISTRATOR = "administrator"
ROLE_ORDER = {role.key: position for position, role in enumerate(ROLES)}


class NoAdministratorLeft(ValidationError):
    """Raised when a change would leave a department without an active administrator."""

    def __init__(self, department: Department) -> None:
        super().__init__(
            _("%(department)s needs at least one administrator: give the role to somebody else first.")
            % {"department": department},
            code="no_administrator_left",
        )


def members_of(department: Department) -> QuerySet[Any]:
    """Return the accounts with a role in the department; their groups there are prefetched as `groups_in_department`.

    Superusers are excluded: no department manages them.
    """
    inside = User._default_manager.filter(groups__department_group__department=department)
    groups = Group.objects.filter(department_group__department=department)
    return User._default_manager.filter(is_superuser=False, pk__in=inside.values("pk")).prefetch_related(
        Prefetch("groups", groups.select_related("department_group__locale"), to_attr="groups_in_department")
    )


def roles_of(department: Department) -> list[DepartmentGroup]:
    """Return the roles of the department in the order of the table of roles."""
    return sort_roles(department.department_groups.select_related("group", "locale"))


def sort_roles(roles: Iterable[DepartmentGroup]) -> list[DepartmentGroup]:
    """Return the roles in the order of the table of roles, those for a language sorted by language code."""

    def key(row: DepartmentGroup) -> tuple[int, str]:
        return ROLE_ORDER.get(row.role, len(ROLE_ORDER)), row.locale.language_code if row.locale else ""

    return sorted(roles, key=key)


def role_titles(groups: Iterable[Group]) -> list[str]:
    """Return the names of the roles of these groups, in order, in the active language."""
    return [row.title for row in sort_roles(group.department_group for group in groups)]


def invite(department: Department, email: str, groups: Iterable[Group], by: Any = None) -> tuple[Invitation, str]:
    """Create an invitation to these roles, revoke a pending one of the same address, and send the link by e-mail.

    Return the invitation and the link, which cannot be computed later: only the hash of its token is stored. Raise
    ValidationError if there are no groups or one of them belongs to another department, and RateLimitExceeded if the
    account, the department or the address has had too many invitations. Commands, without `by`, have no limit. Views
    call it outside a transaction, because it counts.
    """
    groups, email = list(groups), email.strip().lower()
    if by is not None:
        _count_invitation(department, email, by)
    return _store_invitation(department, email, groups, by)


@transaction.atomic
def _store_invitation(department: Department, email: str, groups: list[Group], by: Any) -> tuple[Invitation, str]:
    department_group_keys = set(department.department_groups.values_list("group_id", flat=True))
    if not groups or not department_group_keys.issuperset(group.pk for group in groups):
        raise ValidationError(_("Choose roles of this department."))
    _lock(department, by)
    department.invitations.pending().filter(email=email).update(revoked_at=timezone.now())
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        department=department, email=email, token_hash=hash_token(token), invited_by=by
    )
    invitation.groups.set(groups)
    link = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("invitation_link", args=[token])
    _log(department, "invite", by, invitation=invitation.pk, roles=_role_keys(groups))
    record(Action.INVITED, department=department, account=by, invitation=invitation.pk, roles=_role_keys(groups))
    _send(invitation, link)
    return invitation, link


def _count_invitation(department: Department, email: str, by: Any) -> None:
    account = by.get_username()
    consume("invitation.account", by.pk, account=account)
    consume("invitation.department", department.pk, account=account)
    consume("invitation.recipient", department.pk, email, account=account)
    try:
        consume("invitation.address", email, account=account)
    except RateLimitExceeded:  # Other departments must not be able to use up what this one needs.
        consume("invitation.beyond", department.pk, email, account=account)


@transaction.atomic
def revoke_invitation(invitation: Invitation, by: Any) -> None:
    """Revoke an invitation that nobody has accepted: its link stops working."""
    _lock(invitation.department, by)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _log(invitation.department, "revoke_invitation", by, invitation=invitation.pk)
    record(Action.INVITATION_REVOKED, department=invitation.department, account=by, invitation=invitation.pk)


def open_invitation(token_hash: str) -> Invitation | None:
    """Return the invitation that can be accepted with the token of this hash, or None."""
    return Invitation.objects.open().select_related("department").filter(token_hash=token_hash).first()


@transaction.atomic
def accept_invitation(invitation: Invitation, user: Any) -> None:
    """Add the roles of the invitation to the account.

    Raise PermissionDenied unless the invitation is open, its sender may still invite, and the account is active, no
    superuser, and has the invited e-mail address.
    """
    _lock(invitation.department, invitation.invited_by)
    _lock_account(user)
    is_invited = user.is_active and not user.is_superuser and user.email.lower() == invitation.email
    if not is_invited or open_invitation(invitation.token_hash) is None:
        raise PermissionDenied
    groups = list(invitation.groups.filter(department_group__department=invitation.department))
    user.groups.add(*groups)
    confirm_address(user)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    record(
        Action.INVITATION_ACCEPTED,
        department=invitation.department,
        account=user,
        subject=user,
        invitation=invitation.pk,
    )
    _log(invitation.department, "accept_invitation", user, account=user.pk, roles=_role_keys(groups))


def change_roles(department: Department, member: Any, groups: Iterable[Group], by: Any) -> None:
    """Give a member exactly these roles in the department.

    Raise NoAdministratorLeft, ValidationError if there are no groups or one belongs to another department, and
    RateLimitExceeded after too many changes, since each writes to two logs. Views call it outside a
    transaction, because it counts.
    """
    if by is not None:
        consume("roles.account", by.pk, account=by.get_username())
    _change_roles(department, member, groups, by)


@transaction.atomic
def _change_roles(department: Department, member: Any, groups: Iterable[Group], by: Any) -> None:
    _lock(department, by)
    department_groups = {group.pk: group for group in Group.objects.filter(department_group__department=department)}
    before = {group.pk for group in member.groups.filter(pk__in=department_groups)}
    after = {group.pk for group in groups}
    if not after or not after.issubset(department_groups):
        raise ValidationError(_("Choose roles of this department."))
    if before == after:
        return
    # In this order the member does not leave the department meanwhile, which would end locks and subscriptions.
    member.groups.add(*(after - before))
    member.groups.remove(*(before - after))
    _require_administrator(department, before - after)
    roles = {
        "before": _role_keys(department_groups[pk] for pk in before),
        "roles": _role_keys(department_groups[pk] for pk in after),
    }
    _log(department, "change_roles", by, account=member.pk, **roles)


@transaction.atomic
def remove_member(department: Department, member: Any, by: Any, *, close_account: bool = False) -> None:
    """Remove all roles of a member in the department; with `close_account`, also close the account.

    The account stays open if it has roles elsewhere, which the history of the department does not show. Raise
    NoAdministratorLeft.
    """
    _lock(department, by)
    _lock_account(member)
    groups = list(member.groups.filter(department_group__department=department))
    member.groups.remove(*groups)
    _require_administrator(department, {group.pk for group in groups})
    _log(department, "remove_member", by, account=member.pk, before=_role_keys(groups))
    if close_account:
        _log(department, "close_account", by, account=member.pk)
        if _is_unused(member):
            member.is_active = False
            member.save(update_fields=["is_active"])


def _is_unused(account: Any) -> bool:
    """Return True if the account is open, no superuser's, and has no role in any department."""
    return (
        account.is_active
        and not account.is_superuser
        and not DepartmentGroup.objects.filter(group__user=account.pk).exists()
    )


def _lock(department: Department, by: Any) -> None:
    """Lock the department until the transaction ends, so that two administrators cannot remove each other at once.

    Raise PermissionDenied if `by` has lost the capability ACCOUNTS, perhaps while the request waited for the lock.
    """
    Department.objects.select_for_update().get(pk=department.pk)
    require_capability_now(by, Capability.ACCOUNTS, department)


def _lock_account(account: Any) -> None:
    """Lock the account until the transaction ends, and read whether it is open.

    So one department cannot close an account while another one accepts it as a member.
    """
    account.is_active = User._default_manager.select_for_update().values_list("is_active", flat=True).get(pk=account.pk)


def _require_administrator(department: Department, removed_groups: set[int]) -> None:
    """Raise NoAdministratorLeft if these removed groups include the last role of an active administrator."""
    administrators = DepartmentGroup.objects.filter(department=department, role=ADMINISTRATOR)
    if not administrators.filter(group__in=removed_groups).exists():
        return
    if not members_of(department).filter(is_active=True, pk__in=administrators.values("group__user")).exists():
        raise NoAdministratorLeft(department)


def register_invitation_mail() -> None:
    """Register who receives invitations, and set `sent_at` when one is sent; called when the applications are ready."""
    register_audience(Invitation, _may_receive_invitation)
    message_sent.connect(_set_sent_at, sender=Invitation, dispatch_uid="invitation_sent")


def _may_receive_invitation(invitation: Invitation, address: str) -> bool:
    """Return True if the invitation can still be accepted and is for this address; it may have been revoked."""
    return invitation.email == address and Invitation.objects.open().filter(pk=invitation.pk).exists()


def _set_sent_at(instance: Invitation, **kwargs: Any) -> None:
    Invitation.objects.filter(pk=instance.pk).update(sent_at=timezone.now())


def language_of(invitation: Invitation) -> str:
    """Return the language in which the invited person reads: that of the roles, if they are all for one.

    Else, or if the admin is not translated into it, the source language of the department, or that of the instance.
    """
    of_roles = set(invitation.groups.values_list("department_group__locale__language_code", flat=True))
    preferred = [*(of_roles if len(of_roles) == 1 else ()), invitation.department.source_locale.language_code]
    offered = [code for code, _name in settings.WAGTAILADMIN_PERMITTED_LANGUAGES]
    return next((language for language in preferred if language in offered), settings.LANGUAGE_CODE)


def _send(invitation: Invitation, link: str) -> None:
    """Put the link into the outbox. `sent_at` stays empty until it is sent, which the list of invitations shows."""
    with translation.override(language_of(invitation)):
        context = {"invitation": invitation, "link": link, "roles": role_titles(invitation.groups.all())}
        subject = _("%(department)s invites you to its website") % {"department": invitation.department.name}
        text = render_to_string("cms_sites/invitations/mail.txt", context)
    with about(invitation):
        # A line break in a name would break the header of the e-mail.
        send_mail(" ".join(subject.split()), text, None, [invitation.email])


def _log(department: Department, action: str, by: Any, **data: Any) -> None:
    log(instance=department, action=f"cms_sites.{action}", user=by, data=data)


def _role_keys(groups: Iterable[Group]) -> list[str]:
    """Return the keys of the roles, such as `translator:it`, which the log translates when it is displayed."""
    rows = sort_roles(DepartmentGroup.objects.select_related("locale").filter(group__in=[group.pk for group in groups]))
    return [":".join(filter(None, [row.role, row.locale.language_code if row.locale else ""])) for row in rows]
