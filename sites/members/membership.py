"""The people of a department: who is in it, and the only ways in which somebody comes, changes roles and goes.

Only groups of the one department are ever touched, and never a superuser: whoever calls these functions cannot widen
what an account may do elsewhere. Every change is logged at the department, so that its history can show it and
another department's cannot.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from functools import partial
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

from sites.models import Department, DepartmentGroup, Invitation
from sites.models.invitation import hash_token
from sites.roles import ROLES

User = get_user_model()
logger = logging.getLogger(__name__)

ADMINISTRATOR = "administrator"
ROLE_ORDER = {role.key: position for position, role in enumerate(ROLES)}


class NoAdministratorLeft(ValidationError):
    """Raised when a change would leave a department without anybody who can manage it."""

    def __init__(self, department: Department) -> None:
        super().__init__(
            _("%(department)s needs at least one administrator: give the role to somebody else first.")
            % {"department": department},
            code="no_administrator_left",
        )


def members_of(department: Department) -> QuerySet[Any]:
    """Return the accounts with a role in the department, each with its roles there in `department_roles`.

    Superusers are not members of anything: no department manages them.
    """
    inside = User._default_manager.filter(groups__department_group__department=department)
    groups = Group.objects.filter(department_group__department=department)
    return User._default_manager.filter(is_superuser=False, pk__in=inside.values("pk")).prefetch_related(
        Prefetch("groups", groups.select_related("department_group__locale"), to_attr="groups_in_department")
    )


def roles_of(department: Department) -> list[DepartmentGroup]:
    """Return the department's roles in the order of the table of roles."""
    return sort_roles(department.department_groups.select_related("group", "locale"))


def sort_roles(roles: Iterable[DepartmentGroup]) -> list[DepartmentGroup]:
    """Return roles as people read them: the widest first, languages in alphabetical order."""

    def key(row: DepartmentGroup) -> tuple[int, str]:
        return ROLE_ORDER.get(row.role, len(ROLE_ORDER)), row.locale.language_code if row.locale else ""

    return sorted(roles, key=key)


def role_titles(groups: Iterable[Group]) -> list[str]:
    """Return the names of roles, in order, in the language in use."""
    return [row.title for row in sort_roles(group.department_group for group in groups)]


@transaction.atomic
def invite(department: Department, email: str, groups: Iterable[Group], by: Any = None) -> tuple[Invitation, str]:
    """Offer roles to an e-mail address in place of whatever was still offered to it there; send the link.

    Returns the invitation and the link, which cannot be had again. Raises ValidationError for a role of another
    department, or none.
    """
    groups, email = list(groups), email.strip().lower()
    known = set(department.department_groups.values_list("group_id", flat=True))
    if not groups or not known.issuperset(group.pk for group in groups):
        raise ValidationError(_("Choose roles of this department."))
    _lock(department)
    department.invitations.pending().filter(email=email).update(revoked_at=timezone.now())
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        department=department, email=email, token_hash=hash_token(token), invited_by=by
    )
    invitation.groups.set(groups)
    link = settings.WAGTAILADMIN_BASE_URL.rstrip("/") + reverse("invitation_link", args=[token])
    _log(department, "invite", by, person=email, roles=_names(groups))
    # Not in a task: its queue would keep the link, and with it the token.
    transaction.on_commit(partial(_send, invitation, link))
    return invitation, link


def revoke_invitation(invitation: Invitation, by: Any) -> None:
    """Make the link of an invitation that nobody has accepted useless."""
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    _log(invitation.department, "revoke_invitation", by, person=invitation.email)


def open_invitation(token_hash: str) -> Invitation | None:
    """Return the invitation that can be accepted with the token of that hash; None when there is none."""
    return Invitation.objects.open().select_related("department").filter(token_hash=token_hash).first()


@transaction.atomic
def accept_invitation(invitation: Invitation, user: Any) -> None:
    """Give the invited person's account the roles. Raises PermissionDenied unless that is what is asked."""
    _lock(invitation.department)
    is_invited = user.is_active and not user.is_superuser and user.email.lower() == invitation.email
    if not is_invited or open_invitation(invitation.token_hash) is None:
        raise PermissionDenied
    groups = list(invitation.groups.filter(department_group__department=invitation.department))
    user.groups.add(*groups)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _log(invitation.department, "accept_invitation", user, person=_name(user), roles=_names(groups))


@transaction.atomic
def change_roles(department: Department, member: Any, groups: Iterable[Group], by: Any) -> None:
    """Give a member exactly these roles in the department. Raises NoAdministratorLeft, and ValidationError for none."""
    _lock(department)
    own = {group.pk: group for group in Group.objects.filter(department_group__department=department)}
    before = {group.pk for group in member.groups.filter(pk__in=own)}
    after = {group.pk for group in groups}
    if not after or not after.issubset(own):
        raise ValidationError(_("Choose roles of this department."))
    if before == after:
        return
    member.groups.remove(*(before - after))
    member.groups.add(*(after - before))
    _require_administrator(department, before - after)
    roles = {"before": _names(own[pk] for pk in before), "roles": _names(own[pk] for pk in after)}
    _log(department, "change_roles", by, person=_name(member), **roles)


@transaction.atomic
def remove_member(department: Department, member: Any, by: Any, *, close_account: bool = False) -> None:
    """Take a member's roles in the department away; close the account too if asked and `can_close_account`.

    Raises NoAdministratorLeft.
    """
    _lock(department)
    groups = list(member.groups.filter(department_group__department=department))
    may_close = can_close_account(department, member)
    member.groups.remove(*groups)
    _require_administrator(department, {group.pk for group in groups})
    _log(department, "remove_member", by, person=_name(member), before=_names(groups))
    if close_account and may_close:
        member.is_active = False
        member.save(update_fields=["is_active"])
        _log(department, "close_account", by, person=_name(member))


def can_close_account(department: Department, member: Any) -> bool:
    """Whether nobody else needs the account: it is no superuser's and has no role in another department."""
    elsewhere = DepartmentGroup.objects.filter(group__user=member.pk).exclude(department=department)
    return member.is_active and not member.is_superuser and not elsewhere.exists()


def _lock(department: Department) -> None:
    """Let changes of one department's people wait for each other: two administrators cannot remove one another."""
    Department.objects.select_for_update().get(pk=department.pk)


def _require_administrator(department: Department, taken_away: set[int]) -> None:
    """Raise NoAdministratorLeft if the role of administrator was among the groups that a member has just lost."""
    administrators = DepartmentGroup.objects.filter(department=department, role=ADMINISTRATOR)
    if not administrators.filter(group__in=taken_away).exists():
        return
    if not members_of(department).filter(is_active=True, pk__in=administrators.values("group__user")).exists():
        raise NoAdministratorLeft(department)


def _send(invitation: Invitation, link: str) -> None:
    """Send the link; a failure is noted by the missing `sent_at`, which the list of invitations shows."""
    with translation.override(invitation.department.source_locale.language_code):
        context = {"invitation": invitation, "link": link, "roles": role_titles(invitation.groups.all())}
        subject = _("%(department)s invites you to its website") % {"department": invitation.department.name}
        text = render_to_string("cms_sites/invitations/mail.txt", context)
    try:
        send_mail(subject, text, None, [invitation.email])
    except OSError:  # SMTPException is one as well.
        logger.exception("The invitation %s could not be sent", invitation.pk)
        return
    invitation.sent_at = timezone.now()
    invitation.save(update_fields=["sent_at"])


def _log(department: Department, action: str, by: Any, **data: Any) -> None:
    log(instance=department, action=f"cms_sites.{action}", user=by, data=data)


def _name(user: Any) -> str:
    return user.get_full_name() or user.get_username()


def _names(groups: Iterable[Group]) -> list[str]:
    """Return roles as keys, which the log translates when it is read."""
    rows = sort_roles(DepartmentGroup.objects.select_related("locale").filter(group__in=[group.pk for group in groups]))
    return [":".join(filter(None, [row.role, row.locale.language_code if row.locale else ""])) for row in rows]
