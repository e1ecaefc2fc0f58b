"""A Wagtail permission policy for snippets, based on the table of roles and on the owner of the row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet
from wagtail.permission_policies import BasePermissionPolicy
from wagtail.permissions import policy_registry

from sites.roles import ROLES, Capability

from .capabilities import departments_of, has_capability, is_unrestricted
from .ownership import departments_owning, is_shared
from .querysets import manageable_by, viewable_by

WRITING = frozenset(("add", "change", "delete"))
READING = "view"


class DepartmentPermissionPolicy(BasePermissionPolicy):
    """A policy that requires a capability in the owning department for every write.

    Global Django permissions do not count. Members of any department may read shared rows; other rows can be read by
    users who may change them.
    """

    def __init__(self, model: type[Model], capability: Capability = Capability.SNIPPETS) -> None:
        super().__init__(model)
        self.capability = capability

    def user_has_permission(self, user: Any, action: str) -> bool:
        if action == READING and is_shared(self.model):
            return is_unrestricted(user) or bool(departments_of(user))
        return is_unrestricted(user) or (action in WRITING | {READING} and has_capability(user, self.capability))

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Model) -> bool:
        return self.instances_user_has_permission_for(user, action).filter(pk=instance.pk).exists()

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        rows = self.model._default_manager.all()
        permitted = {action for action in actions if self.user_has_permission(user, action)}
        if READING in permitted and is_shared(self.model):
            return viewable_by(rows, user)
        return manageable_by(rows, user, self.capability) if permitted else rows.none()

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet:
        return self._users(WRITING.union((READING,)).intersection(actions))

    def users_with_any_permission_for_instance(self, actions: Iterable[str], instance: Model) -> QuerySet:
        return self._users(WRITING.intersection(actions), department_group__department__in=departments_owning(instance))

    def _users(self, actions: Iterable[str], **group_lookups: Any) -> QuerySet:
        """Return superusers and, if there are actions, users with a role that has the capability in matching groups."""
        condition = Q(is_superuser=True)
        if actions:
            roles = [role.key for role in ROLES if self.capability in role.capabilities]
            lookups = {f"groups__{lookup}": value for lookup, value in group_lookups.items()}
            condition |= Q(groups__department_group__role__in=roles, **lookups)
        return get_user_model()._default_manager.filter(condition, is_active=True).distinct()


def instances_with_permission(model: type[Model], user: Any, action: str) -> QuerySet:
    """Return the rows of the model on which the user may do the action, according to the model's permission policy."""
    rows: QuerySet = policy_registry.get_by_type(model).instances_user_has_permission_for(user, action)
    return rows
