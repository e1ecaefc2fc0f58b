"""The capabilities of a user: in which departments, through which roles."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from wagtail.models import Page

from sites.models import Department, DepartmentGroup
from sites.roles import ROLES, Capability

User = AbstractBaseUser | AnonymousUser


def is_unrestricted(user: User) -> bool:
    """Return True if the user administers the instance and so may access every department."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def departments_of(user: User) -> list[Department]:
    """Return the departments to which the user belongs through groups that provisioning created.

    Suspended departments are left out; anonymous and inactive users get an empty list. The result is cached on the
    user object, which lives as long as the request, because one request needs the result many times.
    """
    if user.pk is None or not user.is_active:
        return []
    return [department for department, _roles in _memberships(user)]


def _memberships(user: User) -> list[tuple[Department, set[str]]]:
    """Return the departments of a user that are not suspended, each with the user's roles in it; one query."""
    # The cache is an attribute, not an entry of __dict__: `request.user` is a proxy with its own __dict__.
    known: list[tuple[Department, set[str]]] | None = getattr(user, "_memberships", None)
    if known is None:
        rows = DepartmentGroup.objects.filter(group__user=user.pk, department__suspended_at=None).select_related(
            "department__container", "department__collection", "department__site"
        )
        roles: defaultdict[Department, set[str]] = defaultdict(set)
        # Sorted here: with so many columns, Django spends a third of the time of the query on ORDER BY.
        for row in sorted(rows, key=lambda row: (row.department.code, row.pk)):
            roles[row.department].add(row.role)
        known = list(roles.items())
        user._memberships = known  # type: ignore[union-attr]
    return known


def has_capability(user: User, capability: Capability, department: Department | None = None) -> bool:
    """Return True if a role of the user has the capability in the department, or in any department if None."""
    if is_unrestricted(user):
        return True
    departments = departments_with_capability(user, capability)
    return bool(departments) if department is None else department in departments


def departments_with_capability(user: User, capability: Capability) -> list[Department]:
    """Return the departments of the user in which one of the user's roles has the capability."""
    if user.pk is None or not user.is_active:
        return []
    responsible = {role.key for role in ROLES if capability in role.capabilities}
    return [department for department, roles in _memberships(user) if roles & responsible]


def has_capability_on_page(user: User, capability: Capability, page: Page) -> bool:
    """Return True if one of the user's roles has the capability in the department of the page."""
    if is_unrestricted(user):
        return True
    return any(
        page.path.startswith(department.container.path) for department in departments_with_capability(user, capability)
    )


def users_with_capability(capability: Capability, department: Department) -> QuerySet[AbstractUser]:
    """Return the active users who have a role with the capability in the department."""
    responsible = [role.key for role in ROLES if capability in role.capabilities]
    groups = DepartmentGroup.objects.filter(department=department, role__in=responsible).values("group")
    users: QuerySet[AbstractUser] = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
    return users.distinct().order_by("pk")


def require_capability_now(user: Any, capability: Capability, department: Department) -> None:
    """Raise PermissionDenied unless the account has the capability in the department by the database; two queries.

    Functions that change members or sharings call it after they have locked what they change: a request may have waited
    for the lock while its user lost the role. None stands for a command, which may do everything.
    """
    if user is None or has_instance_rights_now(user):
        return
    is_suspended = Department.objects.filter(pk=department.pk, suspended_at__isnull=False).exists()
    if is_suspended or not users_with_capability(capability, department).filter(pk=user.pk).exists():
        raise PermissionDenied


def has_instance_rights_now(user: Any) -> bool:
    """Return True if the account administers the instance by the database; one query."""
    return get_user_model()._default_manager.filter(pk=user.pk, is_active=True, is_superuser=True).exists()
