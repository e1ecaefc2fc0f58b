"""The current department: the one department whose content the admin lists for a user.

A member of several departments works in one at a time. Access covers all of them.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from wagtail.models import PageLogEntry

from sites.host_cookies import delete_host_cookie, host_cookie, set_host_cookie
from sites.models import Department

from .capabilities import User, departments_of, is_unrestricted
from .ownership import CONTAINER_PATH_LENGTH
from .querysets import ownership_condition, viewable_by

M = TypeVar("M", bound=Model)

# A cookie and not the session, so that GET requests write nothing to the database. It names a department by key and
# gives no permissions: a user gets one of their own departments, whatever the cookie says.
COOKIE = "department"
# Attribute of a request: the department, or None, that its response stores in the cookie.
CHANGED = "_changed_department"
# Attribute of a request: the department that an instance administrator chose, by the key under which it was found.
FOUND = "_found_department"


def current_department(request: HttpRequest) -> Department | None:
    """Return the current department; None for superusers who chose none and for users without a department.

    A member of several departments gets the one that they chose, or else the one that they last worked in.
    """
    user, chosen = request.user, _chosen_key(request)
    if is_unrestricted(user):
        return _found_department(request, user, chosen) if chosen else None
    departments = departments_of(user)
    if len(departments) < 2:
        return departments[0] if departments else None
    found = next((department for department in departments if department.pk == chosen), None)
    if found is None:
        found = _last_worked_in(user, departments)
        set_current_department(request, found)
    return found


def set_current_department(request: HttpRequest, department: Department | None) -> None:
    """Store the chosen department, for this request and, in the cookie, for the next ones; None clears the choice."""
    setattr(request, CHANGED, department.pk if department else None)


def clear_choice(sender: object, request: HttpRequest | None, **kwargs: object) -> None:
    """Clear the choice at a login: the user begins in the department that they last worked in."""
    if request is not None:
        set_current_department(request, None)


def store_choice(request: HttpRequest, response: HttpResponse) -> None:
    """Store the choice that was made during the request in the cookie of the response."""
    if not hasattr(request, CHANGED):
        return
    if (key := getattr(request, CHANGED)) is None:
        delete_host_cookie(response, COOKIE)
    else:
        set_host_cookie(request, response, COOKIE, str(key))


def _chosen_key(request: HttpRequest) -> int | None:
    if hasattr(request, CHANGED):
        key: int | None = getattr(request, CHANGED)
        return key
    chosen = host_cookie(request, COOKIE)
    return int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else None


def selectable_departments(user: User) -> QuerySet[Department]:
    """Return the departments that the user may choose: their own, or all departments for a superuser."""
    departments = Department.objects.select_related("container", "collection", "site")
    if is_unrestricted(user):
        return departments
    return departments.filter(pk__in=[department.pk for department in departments_of(user)])


def bind_current_department(user: User, department: Department | None) -> None:
    """Store the current department on the user, for Wagtail's policies and forms, which do not receive the request."""
    user._current_department = department  # type: ignore[union-attr]


def bound_department(user: User) -> Department | None:
    """Return the current department that `bind_current_department` stored; None if the request is not limited."""
    department: Department | None = getattr(user, "_current_department", None)
    return department


def limit_to_current_department(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Limit a queryset of rows that the user may view to the bound department; unchanged if there is none."""
    department = bound_department(user)
    condition = department and ownership_condition(queryset.model, [department])
    return queryset.filter(condition) if condition else queryset


def listed_for(queryset: QuerySet[M], request: HttpRequest) -> QuerySet[M]:
    """Limit a queryset to what lists show: rows of the current department that the user may view."""
    department = current_department(request)
    if department is None:
        return viewable_by(queryset, request.user)
    condition = ownership_condition(queryset.model, [department])
    if condition is None:
        return viewable_by(queryset, request.user)
    return queryset.filter(condition)


def _found_department(request: HttpRequest, user: User, key: int) -> Department | None:
    """Return the department with this key if the user may choose it, or None; one query in a request for each key."""
    found: dict[int, Department | None] = getattr(request, FOUND, {})
    if key not in found:
        found[key] = selectable_departments(user).filter(pk=key).first()
        setattr(request, FOUND, found)
    return found[key]


def _last_worked_in(user: User, departments: list[Department]) -> Department:
    """Return the department of the page that the user edited last, or the first department."""
    by_container = {department.container.path: department for department in departments}
    paths = PageLogEntry.objects.filter(user=user.pk).order_by("-timestamp").values_list("page__path", flat=True)
    return by_container.get((paths.first() or "")[:CONTAINER_PATH_LENGTH]) or departments[0]
