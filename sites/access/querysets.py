"""Querysets limited to the rows that a user may view or manage, or to the rows of one department."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from sites.models import Department
from sites.roles import Capability

from .capabilities import User, departments_of, departments_with_capability, is_unrestricted
from .ownership import is_shared, ownership_lookup_of

M = TypeVar("M", bound=Model)


def viewable_by(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Narrow a queryset of any model to the rows of the user's departments and those shared by all.

    Superusers see everything. A model that belongs to no department (workflows, tokens, …) has no visible row for
    anybody else.
    """
    if is_unrestricted(user):
        return queryset
    departments = departments_of(user)
    condition = ownership_condition(queryset.model, departments) if departments else None
    return queryset.none() if condition is None else queryset.filter(condition)


def is_viewable_by(model: type[Model], pk: object, user: User) -> bool:
    """Whether the row exists and the user may see it; a key that is none of the model's is not there."""
    try:
        return viewable_by(model._default_manager.filter(pk=pk), user).exists()
    except (TypeError, ValueError, OverflowError):
        return False


def manageable_by(queryset: QuerySet[M], user: User, capability: Capability) -> QuerySet[M]:
    """Narrow a queryset to the rows owned by departments in which the user has the capability; superusers keep all.

    What all departments share is among them only for whom owns it.
    """
    if is_unrestricted(user):
        return queryset
    departments, way = departments_with_capability(user, capability), ownership_lookup_of(queryset.model)
    if way is None or not departments:
        return queryset.none()
    return queryset.filter(way.condition(queryset.model, departments))


def for_department(queryset: QuerySet[M], department: Department) -> QuerySet[M]:
    """Narrow a queryset to what the department owns or all share; a model that belongs to none has no row."""
    condition = ownership_condition(queryset.model, [department])
    return queryset.none() if condition is None else queryset.filter(condition)


def get_viewable_or_404(queryset: QuerySet[M], user: User, **lookups: object) -> M:
    """Return the one row that matches and that the user may see; raises Http404 for every other, there or not."""
    try:
        return get_object_or_404(viewable_by(queryset, user), **lookups)
    except (TypeError, ValueError, OverflowError):
        raise Http404 from None


def ownership_condition(model: type[Model], departments: list[Department]) -> Q | None:
    if is_shared(model):
        return Q()
    way = ownership_lookup_of(model)
    return None if way is None else way.condition(model, departments)
