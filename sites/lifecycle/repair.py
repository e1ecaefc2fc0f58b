"""Audits a department and repairs what provisioning can repair."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from sites.models import Department

from .audit import audit_department
from .provisioning import complete_department


@dataclass(frozen=True)
class RepairResult:
    """The problems of a department before and after its repair, as `audit_department` describes them.

    A repair can reveal a problem that was not there before.
    """

    before: list[str]
    after: list[str]

    def is_repaired(self, problem: str) -> bool:
        return problem not in self.after

    @property
    def revealed(self) -> list[str]:
        return [problem for problem in self.after if problem not in self.before]


def repair_department(department: Department) -> RepairResult:
    """Complete the department in one transaction if its audit finds a problem, and audit it again."""
    before = audit_department(department)
    if not before:
        return RepairResult(before, before)
    with transaction.atomic():
        complete_department(department)
    return RepairResult(before, audit_department(Department.objects.get(pk=department.pk)))
