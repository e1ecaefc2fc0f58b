"""The current department: the one department whose content the admin lists for a user.

A user of several departments works in one at a time; access still covers all of them.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from wagtail.models import PageLogEntry

from sites.models import Department

from .capabilities import User, departments_of, is_unrestricted
from .ownership import CONTAINER_PATH_LENGTH
from .querysets import ownership_condition, viewable_by

M = TypeVar("M", bound=Model)

SESSION_KEY = "department"  # Key of the session: the department in focus.


def current_department(request: HttpRequest) -> Department | None:
    """Return the department that the user looks at; None for all of them, and for somebody who has none.

    Somebody with several departments looks at the one chosen in this session or else last worked in; a superuser
    looks at all until one is chosen.
    """
    user, chosen = request.user, request.session.get(SESSION_KEY)
    if is_unrestricted(user):
        return selectable_departments(user).filter(pk=chosen).first() if chosen else None
    departments = departments_of(user)
    if len(departments) < 2:
        return departments[0] if departments else None
    found = next((department for department in departments if department.pk == chosen), None)
    if found is None:
        found = _last_worked_in(user, departments)
        set_current_department(request, found)
    return found


def set_current_department(request: HttpRequest, department: Department | None) -> None:
    """Look at that department from now on, or, with None, at all."""
    if department is None:
        request.session.pop(SESSION_KEY, None)
    else:
        request.session[SESSION_KEY] = department.pk


def selectable_departments(user: User) -> QuerySet[Department]:
    """Return the departments that the user may look at: the own ones, or for a superuser all."""
    departments = Department.objects.select_related("container", "collection", "site")
    if is_unrestricted(user):
        return departments
    return departments.filter(pk__in=[department.pk for department in departments_of(user)])


def bind_current_department(user: User, department: Department | None) -> None:
    """Keep on the user what the request is narrowed to, for Wagtail's policies and forms, which know no request."""
    user._focus = department  # type: ignore[union-attr]


def bound_department(user: User) -> Department | None:
    """Return what the request that is being answered for the user is narrowed to; None for nothing."""
    department: Department | None = getattr(user, "_focus", None)
    return department


def limit_to_current_department(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Narrow a queryset that holds only what the user may see to the focus (`focus_of`)."""
    department = bound_department(user)
    condition = department and ownership_condition(queryset.model, [department])
    return queryset.filter(condition) if condition else queryset


def listed_for(queryset: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """Narrow a queryset of any model to what lists show: the visible rows of the department in focus."""
    department = current_department(request)
    if department is None:
        return viewable_by(queryset, request.user)
    condition = ownership_condition(queryset.model, [department])
    if condition is None:
        return viewable_by(queryset, request.user)
    return queryset.filter(condition)


def _last_worked_in(user: User, departments: list[Department]) -> Department:
    """Return the one whose page the user touched last; without any, the first."""
    by_container = {department.container.path: department for department in departments}
    paths = PageLogEntry.objects.filter(user=user.pk).order_by("-timestamp").values_list("page__path", flat=True)
    return by_container.get((paths.first() or "")[:CONTAINER_PATH_LENGTH]) or departments[0]
