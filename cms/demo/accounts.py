"""Accounts of the demo: an administrator, and one person for each role of each department."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from sites.models import Department
from sites.roles import ROLES, Role, group_name

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
    """An account of the demo and what it is for; `department` is empty for the administrator."""

    username: str
    role: str
    department: str = ""
    group: str = ""
    email: str = ""


def demo_accounts() -> list[DemoAccount]:
    """Return the accounts of all departments, the administrator first."""
    found = [DemoAccount(ADMINISTRATOR, _("administrator of the instance"), email="admin@demo.example")]
    for department in Department.objects.prefetch_related("department_locales__locale"):
        found.extend(login for role in ROLES for login in _accounts_for_role(department, role))
    return found


def create_accounts() -> None:
    """Make the accounts that are not there; those that are keep their password and groups."""
    users = get_user_model()._default_manager
    existing = set(users.values_list("username", flat=True))
    for login in demo_accounts():
        if login.username in existing:
            continue
        if login.group:
            name = {"first_name": capfirst(login.role), "last_name": login.department}
            user = users.create_user(login.username, login.email, PASSWORD, **name)
            user.groups.add(Group.objects.get(name=login.group))
        else:
            users.create_superuser(login.username, login.email, PASSWORD)


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
