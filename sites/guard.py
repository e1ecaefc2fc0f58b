"""What a user may see: the departments someone belongs to, the one in focus, and any queryset narrowed to them.

Access rests on all departments of a user (`visible`). Lists show the one in focus (`listed`): somebody who works for
two departments sees one at a time, and still opens a link to either.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser, AbstractUser, AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from wagtail.models import Page, PageLogEntry

from .models import Department, DepartmentGroup
from .ownership import CONTAINER_PATH_LENGTH, is_shared, way_of
from .roles import ROLES, Duty

M = TypeVar("M", bound=Model)
User = AbstractBaseUser | AnonymousUser

FOCUS = "department"  # Key of the session: the department in focus.


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


def own(queryset: QuerySet[M], user: User, duty: Duty) -> QuerySet[M]:
    """Narrow a queryset to the rows owned by departments in which the user has the duty; superusers keep all.

    What all departments share is among them only for whom owns it.
    """
    if is_unrestricted(user):
        return queryset
    departments, way = departments_with(user, duty), way_of(queryset.model)
    if way is None or not departments:
        return queryset.none()
    return queryset.filter(way.condition(queryset.model, departments))


def owned_by(queryset: QuerySet[M], department: Department) -> QuerySet[M]:
    """Narrow a queryset to what the department owns or all share; a model that belongs to none has no row."""
    condition = _condition(queryset.model, [department])
    return queryset.none() if condition is None else queryset.filter(condition)


def own_or_404(queryset: QuerySet[M], user: User, **lookups: object) -> M:
    """Return the one row that matches and that the user may see; raises Http404 for every other, there or not."""
    try:
        return get_object_or_404(visible(queryset, user), **lookups)
    except (TypeError, ValueError, OverflowError):
        raise Http404 from None


def focus(request: HttpRequest) -> Department | None:
    """Return the department that the user looks at; None for all of them, and for somebody who has none.

    Somebody with several departments looks at the one chosen in this session or else last worked in; a superuser
    looks at all until one is chosen.
    """
    user, chosen = request.user, request.session.get(FOCUS)
    if is_unrestricted(user):
        return focusable(user).filter(pk=chosen).first() if chosen else None
    departments = departments_of(user)
    if len(departments) < 2:
        return departments[0] if departments else None
    found = next((department for department in departments if department.pk == chosen), None)
    if found is None:
        found = _last_worked_in(user, departments)
        set_focus(request, found)
    return found


def set_focus(request: HttpRequest, department: Department | None) -> None:
    """Look at that department from now on, or, with None, at all."""
    if department is None:
        request.session.pop(FOCUS, None)
    else:
        request.session[FOCUS] = department.pk


def focusable(user: User) -> QuerySet[Department]:
    """Return the departments that the user may look at: the own ones, or for a superuser all."""
    departments = Department.objects.select_related("container", "collection", "site")
    if is_unrestricted(user):
        return departments
    return departments.filter(pk__in=[department.pk for department in departments_of(user)])


def remember_focus(user: User, department: Department | None) -> None:
    """Keep on the user what the request is narrowed to, for Wagtail's policies and forms, which know no request."""
    user._focus = department  # type: ignore[union-attr]


def focus_of(user: User) -> Department | None:
    """Return what the request that is being answered for the user is narrowed to; None for nothing."""
    department: Department | None = getattr(user, "_focus", None)
    return department


def in_focus(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Narrow a queryset that holds only what the user may see to the focus (`focus_of`)."""
    department = focus_of(user)
    condition = department and _condition(queryset.model, [department])
    return queryset.filter(condition) if condition else queryset


def listed(queryset: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """Narrow a queryset of any model to what lists show: the visible rows of the department in focus."""
    department = focus(request)
    if department is None:
        return visible(queryset, request.user)
    condition = _condition(queryset.model, [department])
    if condition is None:
        return visible(queryset, request.user)
    return queryset.filter(condition)


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


def _last_worked_in(user: User, departments: list[Department]) -> Department:
    """Return the one whose page the user touched last; without any, the first."""
    by_container = {department.container.path: department for department in departments}
    paths = PageLogEntry.objects.filter(user=user.pk).order_by("-timestamp").values_list("page__path", flat=True)
    return by_container.get((paths.first() or "")[:CONTAINER_PATH_LENGTH]) or departments[0]


def users_with(duty: Duty, department: Department) -> QuerySet[AbstractUser]:
    """Return the active accounts with a role in the department that has the duty."""
    responsible = [role.key for role in ROLES if duty in role.duties]
    groups = DepartmentGroup.objects.filter(department=department, role__in=responsible).values("group")
    users: QuerySet[AbstractUser] = get_user_model()._default_manager.filter(is_active=True, groups__in=groups)
    return users.distinct().order_by("pk")


def _condition(model: type[Model], departments: list[Department]) -> Q | None:
    if is_shared(model):
        return Q()
    way = way_of(model)
    return None if way is None else way.condition(model, departments)
