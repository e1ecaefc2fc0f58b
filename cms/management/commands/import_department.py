"""Command `import_department`: restores a department from its archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.archive.archive_file import MAXIMUM_TOTAL_SIZE, ArchiveError
from cms.archive.restore.importer import import_department
from cms.locks import ExclusiveCommand

GIGABYTE = 1024**3


class Command(ExclusiveCommand):
    help = "Restore a department from its archive: all of it, or nothing when something does not fit."
    lock_name = "archive"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="file.zip or folder that export_department wrote")
        parser.add_argument("--host", default="", help="host name of the site; that of the archive by default")
        parser.add_argument("--port", type=int, help="port that visitors use; that of the archive by default")
        parser.add_argument(
            "--trust", action="store_true", help="another instance wrote it, and what it says of shared content holds"
        )
        parser.add_argument(
            "--max-gigabytes", type=int, default=MAXIMUM_TOTAL_SIZE // GIGABYTE, help="refuse what would unpack to more"
        )

    def handle(self, *args: Any, archive: Path, host: str, port: int | None, **options: Any) -> None:
        progress = self.stderr if options["verbosity"] else None
        try:
            imported = import_department(
                archive,
                hostname=host,
                port=port,
                trust=options["trust"],
                maximum_total=options["max_gigabytes"] * GIGABYTE,
                progress=progress,
            )
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{imported.department}: {imported.department.site.root_url}/")
        for email, link in imported.invitations.items():
            self.stdout.write(f"invited: {email} accepts at {link}")
        for note in imported.notes:
            self.stdout.write(f"note: {note}")
        for path in imported.differing:
            self.stdout.write(f"differs from the archive: {path}")
