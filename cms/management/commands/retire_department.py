"""Command `retire_department`: suspends a department and, after the grace period, exports and deletes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.archive.archive_file import ArchiveError
from cms.archive.retirement import (
    RetirementFiles,
    finish_retirement,
    is_due_for_retirement,
    retire_department,
    suspend_for_retirement,
)
from cms.archive.signed_report import read_report
from cms.locks import ExclusiveCommand
from cms.scheduled_commands import add_accept_clock, check_clock
from sites.lifecycle.suspension import reactivate
from sites.models import Department


class Command(ExclusiveCommand):
    help = (
        "First run: suspend the department. A run after the grace period: export and delete it. "
        "What is done already is not done again."
    )
    lock_name = "archive"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="INSEE code: 03, 2A, 974…")
        parser.add_argument("--grace-days", type=int, default=30, help="days between suspension and deletion")
        parser.add_argument("--cancel", action="store_true", help="reactivate the suspended department")
        parser.add_argument(
            "--archive-folder", type=Path, help="where archive and report are written; nothing is removed without"
        )
        parser.add_argument("--verify-report", type=Path, metavar="FILE", help="check a report and print it")
        add_accept_clock(parser)

    def handle(self, *args: Any, code: str | None, **options: Any) -> None:
        try:
            if options["verify_report"]:
                self.stdout.write(json.dumps(read_report(options["verify_report"]), ensure_ascii=False, indent=1))
            elif code is None:
                raise CommandError("code: give the INSEE code of the department")
            else:
                self._retire(code, **options)
        except ArchiveError as error:
            raise CommandError(str(error)) from error

    def _retire(self, code: str, **options: Any) -> None:
        files = RetirementFiles(options["archive_folder"], code) if options["archive_folder"] else None
        department = Department.objects.filter(code=code).select_related("site", "container", "collection").first()
        if department is None:
            if files is None:
                raise CommandError(f"code: there is no department “{code}”")
            self._print_report(files, finish_retirement(files))
        elif options["cancel"]:
            reactivate(department)
            self.stdout.write(f"{department}: reactivated")
        else:
            self._suspend_or_retire(department, files, **options)

    def _suspend_or_retire(self, department: Department, files: RetirementFiles | None, **options: Any) -> None:
        if not options["accept_clock"]:
            check_clock()  # The grace period begins today, and may end today.
        suspend_for_retirement(department, options["grace_days"])
        self.stdout.write(
            f"{department}: suspended, its pages stay public; may be deleted from {department.retires_on}"
        )
        if not is_due_for_retirement(department):
            self.stdout.write("Run this again from that day, or with --cancel to reactivate it.")
        elif files is None:
            raise CommandError("--archive-folder: nothing is removed without an archive")
        else:
            progress = self.stderr if options["verbosity"] else None
            self._print_report(files, retire_department(department, files, progress=progress))

    def _print_report(self, files: RetirementFiles, report: dict[str, Any]) -> None:
        removed = ", ".join(f"{number} {name}" for name, number in report["removed"].items())
        self.stdout.write(f"{report['department']['name']} was removed: {removed}; {report['files']} files")
        self.stdout.write(f"archive: {files.archive}\nreport: {files.report}")
