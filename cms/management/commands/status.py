"""Command `status`: shows waiting and failed work, and the lag of the index. Writes nothing."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, InterfaceError

from cms.database_time_limits import describe_outage, is_database_unusable
from cms.management.instance_status import InstanceStatus

PROBLEMS, NO_DATABASE = 1, 2


class Command(BaseCommand):
    help = (
        "Show waiting and stuck publications, tasks, e-mails, the lag of the search index and the last scheduled runs. "
        "Exit status: 0 without problems, 1 with problems, 2 if the database does not answer."
    )

    requires_system_checks: list[str] = []  # It is run often, and when something is wrong.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            state, problem_status = InstanceStatus().as_json(), PROBLEMS
        except (InterfaceError, DatabaseError) as error:
            if not is_database_unusable(error):
                raise
            state, problem_status = {"ok": False, "problems": [describe_outage(error)]}, NO_DATABASE
        if options["json"]:
            self.stdout.write(json.dumps(state, ensure_ascii=False, indent=2))
        else:
            self._print(state)
        if not state["ok"]:
            sys.exit(problem_status)

    def _print(self, state: dict[str, Any]) -> None:
        for area, values in state.items():
            if isinstance(values, dict):
                self.stdout.write(area)
                for name, value in values.items():
                    self.stdout.write(f"  {name:<24} {json.dumps(value, ensure_ascii=False)}")
        for problem in state["problems"]:
            self.stdout.write(self.style.ERROR(f"problem: {problem}"))
        if state["ok"]:
            self.stdout.write("no problems")
