"""Command `check_departments`: reports where departments differ from their provisioned state, and can repair it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from sites.lifecycle.audit import audit_department
from sites.lifecycle.provisioning import complete_department
from sites.models import Department


class Command(BaseCommand):
    help = "Print one line for each thing that is not as provisioning makes it; status 1 when there is any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="first put right what provisioning can")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        has_problems = False
        for department in Department.objects.select_related("site", "container", "collection"):
            before = audit_department(department)
            after = before
            if fix and before:
                with transaction.atomic():
                    complete_department(department)
                after = audit_department(Department.objects.get(pk=department.pk))
            for line in before:
                self.stdout.write(f"{department}: {line}{'' if line in after else ' (put right)'}")
            # A repair can reveal another problem.
            for line in after:
                if line not in before:
                    self.stdout.write(f"{department}: {line}")
            has_problems = has_problems or bool(after)
        if has_problems:
            sys.exit(1)
