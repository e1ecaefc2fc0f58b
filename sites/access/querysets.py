"""Querysets limited to the rows that a user may view or manage, or to the rows of one department."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import CharField, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from sites.models import Department
from sites.roles import Capability
from sites.validation.object_keys import is_beyond_keys

from .capabilities import User, departments_of, departments_with_capability, is_unrestricted
from .ownership import is_shared, ownership_lookup_of

M = TypeVar("M", bound=Model)


def viewable_by(queryset: QuerySet[M], user: User) -> QuerySet[M]:
    """Limit a queryset to rows of the user's departments and to shared rows; superusers get all rows.

    A model without an ownership lookup (workflows, tokens, …) has no viewable rows for anybody else.
    """
    if is_unrestricted(user):
        return queryset
    departments = departments_of(user)
    condition = ownership_condition(queryset.model, departments) if departments else None
    return queryset.none() if condition is None else queryset.filter(condition)


def is_viewable_by(model: type[Model], pk: object, user: User) -> bool:
    """Return True if the row exists and the user may view it; False for an invalid primary key."""
    if is_beyond_keys(pk):
        return False
    try:
        return viewable_by(model._default_manager.filter(pk=pk), user).exists()
    except (TypeError, ValueError):
        return False


def are_viewable_by(model: type[Model], keys: Iterable[str], user: User) -> bool:
    """Return True if the user may view the rows of all keys. One query; False for an invalid primary key."""
    wanted = set(keys)
    if not wanted:
        return True
    if any(map(is_beyond_keys, wanted)):
        return False
    try:
        found = viewable_by(model._default_manager.filter(pk__in=wanted), user).order_by().values_list("pk", flat=True)
        return {str(pk) for pk in found} == wanted
    except (TypeError, ValueError):
        return False


def manageable_by(queryset: QuerySet[M], user: User, capability: Capability) -> QuerySet[M]:
    """Limit a queryset to rows owned by departments in which the user has the capability; superusers get all rows.

    Shared rows are included only for members of their owner.
    """
    if is_unrestricted(user):
        return queryset
    departments, lookup = departments_with_capability(user, capability), ownership_lookup_of(queryset.model)
    if lookup is None or not departments:
        return queryset.none()
    return queryset.filter(lookup.condition(queryset.model, departments))


def for_department(queryset: QuerySet[M], department: Department) -> QuerySet[M]:
    """Limit a queryset to rows of the department and to shared rows; empty for a model without an ownership lookup."""
    condition = ownership_condition(queryset.model, [department])
    return queryset.none() if condition is None else queryset.filter(condition)


def get_viewable_or_404(queryset: QuerySet[M], user: User, **lookups: object) -> M:
    """Return the one matching row that the user may view. Raise Http404 if it does not exist or may not be viewed."""
    try:
        return get_object_or_404(viewable_by(queryset, user), **lookups)
    except (TypeError, ValueError, OverflowError):
        raise Http404 from None


def ownership_condition(model: type[Model], departments: list[Department]) -> Q | None:
    """Return the condition for rows of the departments; Q() for a shared model, None for one without a lookup."""
    if is_shared(model):
        return Q()
    lookup = ownership_lookup_of(model)
    return None if lookup is None else lookup.condition(model, departments)


def enclosing(queryset: QuerySet[M], path: str, outer_path: str) -> QuerySet[M]:
    """Limit a queryset for `Exists` or `Subquery` to the rows that enclose a row of the outer query in a tree.

    A row encloses another if its tree path, in the field `path`, is a prefix of the other's, in `outer_path`.
    """
    enclosed_path = ExpressionWrapper(OuterRef(outer_path), output_field=CharField())
    rows: Any = queryset.alias(enclosed_path=enclosed_path)
    return rows.filter(enclosed_path__startswith=F(path))
