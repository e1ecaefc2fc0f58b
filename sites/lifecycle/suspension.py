"""A department that is about to leave: its pages stay public, and nobody but superusers sees or changes anything.

The guard leaves it out of everybody's departments; what Wagtail itself asks, the permissions of its groups, is taken
away as well, and given back from the table of roles when the department is thawed.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.admin.ui.components import Component

from sites.models import Department

from .department_groups import ensure_groups


@transaction.atomic
def suspend(department: Department, retires_on: datetime.date) -> None:
    """Freeze a department until `retires_on`, from when it may be removed. Frozen again, it keeps its day."""
    if department.suspended_at is None:
        department.suspended_at, department.retires_on = timezone.now(), retires_on
        department.save(update_fields=["suspended_at", "retires_on"])
    ensure_groups(department)


@transaction.atomic
def reactivate(department: Department) -> None:
    """Give a frozen department back to its people."""
    department.suspended_at = department.retires_on = None
    department.save(update_fields=["suspended_at", "retires_on"])
    ensure_groups(department)


def suspended_departments_of(user: Any) -> list[Department]:
    """Return the frozen departments that the user would belong to."""
    found = Department.objects.filter(department_groups__group__user=user.pk, suspended_at__isnull=False)
    return list(found.distinct())


class SuspensionPanel(Component):
    """Tells the people of a frozen department, on the admin's first page, why they find nothing of it."""

    name = "suspended"
    order = 10
    template_name = "cms_sites/suspended.html"

    def __init__(self, departments: list[Department]) -> None:
        self._departments = departments

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"departments": self._departments}
