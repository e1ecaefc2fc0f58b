"""Command `export_department`: exports a department to an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.archive.archive_file import ArchiveError
from cms.archive.export.exporter import export_department
from sites.models import Department


class Command(BaseCommand):
    help = "Write one archive of everything a department owns. It contains personal data: protect it accordingly."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="INSEE code: 03, 2A, 974…")
        parser.add_argument("--output", required=True, type=Path, help="a new file.zip, or else a new folder")

    def handle(self, *args: Any, code: str, output: Path, **options: Any) -> None:
        department = Department.objects.filter(code=code).select_related("site", "container", "collection").first()
        if department is None:
            raise CommandError(f"code: there is no department “{code}”")
        progress = self.stderr if options["verbosity"] else None
        try:
            manifest = export_department(department, output, progress=progress)
        except ArchiveError as refusal:
            raise CommandError(str(refusal)) from refusal
        counts = ", ".join(f"{number} {name}" for name, number in manifest["counts"].items() if number)
        self.stdout.write(f"{department}: {output}\n{counts}; {len(manifest['files'])} files")
