"""The capabilities of a user: in which departments, through which roles."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.db.models import QuerySet
from wagtail.models import Page

from sites.models import Department, DepartmentGroup
from sites.roles import ROLES, Duty

User = AbstractBaseUser | AnonymousUser


def is_unrestricted(user: User) -> bool:
    """Whether the user administers the instance and so sees every department."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def departments_of(user: User) -> list[Department]:
    """Return the departments that the user belongs to through the groups provisioning made; [] for nobody.

    A frozen one, which is about to leave, is nobody's.

    Asked many times in one request, so the answer stays on the user object, which lives as long as the request.
    """
    if user.pk is None or not user.is_active:
        return []
    # Not in its __dict__: a request's user is a proxy, which has one of its own.
    known: list[Department] | None = getattr(user, "_departments", None)
    if known is None:
        known = list(
            Department.objects.filter(department_groups__group__user=user.pk, frozen_at=None)
            .select_related("container", "collection", "site")
            .distinct()
        )
        user._departments = known  # type: ignore[attr-defined]
    return known


def may(user: User, duty: Duty, department: Department | None = None) -> bool:
    """Whether one of the user's roles has the duty, in that department or, without one, anywhere."""
    if is_unrestricted(user):
        return True
    departments = departments_with(user, duty)
    return bool(departments) if department is None else department in departments


def departments_with(user: User, duty: Duty) -> list[Department]:
    """Return those of the user's departments in which a role of the user's has the duty."""
    if user.pk is None or not user.is_active:
        return []
    roles: dict[int, set[str]] | None = getattr(user, "_roles_by_department", None)
    if roles is None:
        roles = defaultdict(set)
        for department_id, role in DepartmentGroup.objects.filter(group__user=user.pk).values_list(
            "department_id", "role"
        ):
            roles[department_id].add(role)
        user._roles_by_department = roles  # type: ignore[attr-defined]
    responsible = {role.key for role in ROLES if duty in role.duties}
    return [department for department in departments_of(user) if roles[department.pk] & responsible]


def may_on_page(user: User, duty: Duty, page: Page) -> bool:
    """Whether one of the user's roles has the duty in the department that the page belongs to; no query for a row."""
    if is_unrestricted(user):
        return True
    return any(page.path.startswith(department.container.path) for department in departments_with(user, duty))


def users_with(duty: Duty, department: Department) -> QuerySet[AbstractUser]:
    """Return the active accounts with a role in the department that has the duty."""
    responsible = [role.key for role in ROLES if duty in role.duties]
    groups = DepartmentGroup.objects.filter(department=department, role__in=responsible).values("group")
    users: QuerySet[AbstractUser] = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
    return users.distinct().order_by("pk")
