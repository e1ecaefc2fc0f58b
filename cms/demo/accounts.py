"""Accounts of the demo: one superuser, and one account per role and department."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.text import capfirst

from sites.models import Department
from sites.roles import ROLES, Role, group_name

from .progress import Track, untracked

PASSWORD = "demo"  # noqa: S105 (known to everyone: the accounts exist on trial machines only)
ADMINISTRATOR = "admin"
USERNAMES_BY_ROLE = {
    "administrator": "administration",
    "publisher": "publication",
    "editor": "redaction",
    "media_manager": "medias",
    "translator": "traduction",
    "reviewer": "relecture",
    "reader": "lecture",
}


@dataclass(frozen=True)
class DemoAccount:
    """An account of the demo with the label of its role; `department` and `group` are "" for the superuser."""

    username: str
    role: str
    department: str = ""
    group: str = ""
    email: str = ""


def demo_accounts() -> list[DemoAccount]:
    """Return the accounts of all departments, the superuser first."""
    accounts = [DemoAccount(ADMINISTRATOR, "administrator of the instance", email="admin@demo.example")]
    for department in Department.objects.prefetch_related("department_locales__locale"):
        accounts.extend(account for role in ROLES for account in _accounts_for_role(department, role))
    return accounts


def create_accounts(track: Track = untracked) -> None:
    """Create the missing accounts. Existing accounts keep their password and groups.

    The password is hashed once, because hashing it for each account takes ten seconds.
    """
    users = get_user_model()._default_manager
    existing_usernames = set(users.values_list("username", flat=True))
    missing = [account for account in demo_accounts() if account.username not in existing_usernames]
    if not missing:
        return
    groups = {group.name: group for group in Group.objects.filter(name__in=[account.group for account in missing])}
    encoded_password = make_password(PASSWORD)
    for account in track("Accounts", missing):
        user = users.create(
            username=account.username,
            email=account.email,
            email_confirmed_at=timezone.now(),
            password=encoded_password,
            first_name=capfirst(account.role) if account.group else "",
            last_name=account.department,
            is_staff=not account.group,
            is_superuser=not account.group,
        )
        if account.group:
            user.groups.add(groups[account.group])


def _accounts_for_role(department: Department, role: Role) -> list[DemoAccount]:
    if not role.for_each_locale:
        return [_account(department, role)]
    targets = [row.locale.language_code for row in department.department_locales.all() if not row.is_source]
    return [_account(department, role, language_code) for language_code in targets]


def _account(department: Department, role: Role, language_code: str = "") -> DemoAccount:
    name = "-".join(filter(None, [USERNAMES_BY_ROLE[role.key], language_code]))
    return DemoAccount(
        username=f"{name}.{department.slug}",
        role=f"{role.label} ({language_code})" if language_code else str(role.label),
        department=department.name,
        group=group_name(department.slug, role, language_code),
        email=f"{name}@{department.slug}-demo.example",
    )
