"""Suspends a department before its retirement: its pages stay public, and only superusers can access it.

Access control ignores suspended departments. The permissions of its groups, which Wagtail checks, are removed too,
and restored from the table of roles when the department is reactivated.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.admin.ui.components import Component

from sites.audit_log.recording import Action, record_for_department
from sites.models import Department

from .department_groups import ensure_groups


@transaction.atomic
def suspend(department: Department, retires_on: datetime.date) -> None:
    """Suspend a department until `retires_on`, the first day on which it may be deleted. An earlier date is kept."""
    if department.suspended_at is None:
        department.suspended_at, department.retires_on = timezone.now(), retires_on
        department.save(update_fields=["suspended_at", "retires_on"])
        record_for_department(Action.DEPARTMENT_SUSPENDED, department, retires_on=str(retires_on))
    ensure_groups(department)


@transaction.atomic
def reactivate(department: Department) -> None:
    """Reactivate a suspended department and restore the permissions of its groups."""
    department.suspended_at = department.retires_on = None
    department.save(update_fields=["suspended_at", "retires_on"])
    record_for_department(Action.DEPARTMENT_REACTIVATED, department)
    ensure_groups(department)


def suspended_departments_of(user: Any) -> list[Department]:
    """Return the suspended departments in which the user has a role."""
    found = Department.objects.filter(department_groups__group__user=user.pk, suspended_at__isnull=False)
    return list(found.distinct())


class SuspensionPanel(Component):
    """A panel on the admin home page that tells members that their department is suspended."""

    name = "suspended"
    order = 10
    template_name = "cms_sites/suspended.html"

    def __init__(self, departments: list[Department]) -> None:
        self._departments = departments

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"departments": self._departments}
