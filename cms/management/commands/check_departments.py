"""Command `check_departments`: reports differences from the provisioned state of departments, and repairs them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sites.lifecycle.audit import audit_department
from sites.lifecycle.repair import RepairResult, repair_department
from sites.models import Department


class Command(BaseCommand):
    help = "Print one line for each thing that is not as provisioning makes it; status 1 when there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="first put right what provisioning can")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        has_problems = False
        for department in Department.objects.select_related("site", "container", "collection"):
            if fix:
                problems = self._print_repair(department, repair_department(department))
            else:
                problems = audit_department(department)
                self._print(department, problems)
            has_problems = has_problems or bool(problems)
        if has_problems:
            sys.exit(1)

    def _print_repair(self, department: Department, result: RepairResult) -> list[str]:
        """Print the problems of the department, and return those that remain."""
        repaired = " (put right)"
        self._print(department, (f"{line}{repaired if result.is_repaired(line) else ''}" for line in result.before))
        self._print(department, result.revealed)
        return result.after

    def _print(self, department: Department, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(f"{department}: {line}")
