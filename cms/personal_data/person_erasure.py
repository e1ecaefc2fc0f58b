"""Erases the data of one person: the account with what it holds, and the invitations and guest links of its address.

Entries of logs refer to the account by key and lose the name with it. Content in which a person is named belongs to a
department: the erasure lists it, and the department decides.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from cms.translations.models import GuestLink
from sites.audit_log.recording import Action, record
from sites.mail.models import OutgoingMessage
from sites.members.membership import remove_member
from sites.models import Department, Invitation

from .person_export import rows_with_address, rows_with_name


@transaction.atomic
def erase_person(account: Any, *, email: str, name: str = "") -> dict[str, list[str]]:
    """Erase a person's account, sessions, memberships, invitations and guest links.

    Return the rows that a department must check. `account` may be None, for a person who has only been invited. Raise
    NoAdministratorLeft if the person is the last administrator of a department.
    """
    record(Action.PERSON_ERASED, subject=account)
    if account is not None:
        for department in Department.objects.filter(department_groups__group__user=account.pk).distinct():
            remove_member(department, account, by=None)
        _delete_avatar(account)
        account.delete()
    Invitation.objects.filter(email__iexact=email).delete()
    GuestLink.objects.filter(guest_email__iexact=email).delete()
    OutgoingMessage.objects.filter(recipient__iexact=email).delete()
    remaining = rows_with_address(email) | rows_with_name(name)
    return {label: [f"{row.pk}: {row}" for row in rows] for label, rows in remaining.items()}


def _delete_avatar(account: Any) -> None:
    profile = getattr(account, "wagtail_userprofile", None)
    if profile is not None and profile.avatar:
        storage, name = profile.avatar.storage, profile.avatar.name
        transaction.on_commit(lambda: storage.delete(name))
