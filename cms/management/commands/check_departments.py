"""Says where departments differ from what provisioning makes, and can put most of it right."""

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
        found = False
        for department in Department.objects.select_related("site", "container", "collection"):
            before = audit_department(department)
            after = before
            if fix and before:
                with transaction.atomic():
                    complete_department(department)
                after = audit_department(Department.objects.get(pk=department.pk))
            for line in before:
                self.stdout.write(f"{department}: {line}{'' if line in after else ' (put right)'}")
            # Putting one thing right can bring another to light.
            for line in after:
                if line not in before:
                    self.stdout.write(f"{department}: {line}")
            found = found or bool(after)
        if found:
            sys.exit(1)
