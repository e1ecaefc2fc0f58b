"""What a user may see: the departments someone belongs to, and any queryset narrowed to them."""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from .models import Department, DepartmentGroup
from .ownership import is_shared, way_of
from .roles import ROLES, Duty

M = TypeVar("M", bound=Model)
User = AbstractBaseUser | AnonymousUser


def is_unrestricted(user: User) -> bool:
    """Whether the user administers the instance and so sees every department."""
    return bool(user.is_active and getattr(user, "is_superuser", False))


def departments_of(user: User) -> list[Department]:
    """Return the departments that the user belongs to through the groups provisioning made; [] for nobody.

    Asked many times in one request, so the answer stays on the user object, which lives as long as the request.
    """
    if user.pk is None or not user.is_active:
        return []
    known: list[Department] | None = user.__dict__.get("_departments")
    if known is None:
        known = list(
            Department.objects.filter(department_groups__group__user=user.pk)
            .select_related("container", "collection")
            .distinct()
        )
        user.__dict__["_departments"] = known
    return known


def visible(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Narrow a queryset of any model to the rows of the user's departments and those shared by all.

    Superusers see everything. A model that belongs to no department (workflows, tokens, …) has no visible row for
    anybody else.
    """
    if is_unrestricted(user):
        return queryset
    departments = departments_of(user)
    condition = _condition(queryset.model, departments) if departments else None
    return queryset.none() if condition is None else queryset.filter(condition)


def is_visible(model: type[Model], pk: object, user: User) -> bool:
    """Whether the row exists and the user may see it; a key that is none of the model's is not there."""
    try:
        return visible(model._default_manager.filter(pk=pk), user).exists()
    except (TypeError, ValueError, OverflowError):
        return False


def own_or_404(queryset: QuerySet[M], user: User, **lookups: object) -> M:
    """Return the one row that matches and that the user may see; raises Http404 for every other, there or not."""
    try:
        return get_object_or_404(visible(queryset, user), **lookups)
    except (TypeError, ValueError, OverflowError):
        raise Http404 from None


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
    roles: dict[int, set[str]] | None = user.__dict__.get("_roles_by_department")
    if roles is None:
        roles = defaultdict(set)
        for department_id, role in DepartmentGroup.objects.filter(group__user=user.pk).values_list(
            "department_id", "role"
        ):
            roles[department_id].add(role)
        user.__dict__["_roles_by_department"] = roles
    responsible = {role.key for role in ROLES if duty in role.duties}
    return [department for department in departments_of(user) if roles[department.pk] & responsible]


def _condition(model: type[Model], departments: list[Department]) -> Q | None:
    if is_shared(model):
        return Q()
    way = way_of(model)
    return None if way is None else way.condition(model, departments)
