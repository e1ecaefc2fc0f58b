"""Command `import_department`: restores a department from its archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from cms.archive.archive_file import MAXIMUM_TOTAL_SIZE, ArchiveError
from cms.archive.restore.importer import import_department

GIGABYTE = 1024**3


class Command(BaseCommand):
    help = "Restore a department from its archive: all of it, or nothing when something does not fit."

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
        except ArchiveError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{imported.department}: {imported.department.site.root_url}/")
        for user in imported.accounts:
            self.stdout.write(f"new account: {user.username} <{user.email}> sets a password at {_password_link(user)}")
        for note in imported.notes:
            self.stdout.write(f"note: {note}")
        for path in imported.differing:
            self.stdout.write(f"differs from the archive: {path}")


def _password_link(user: Any) -> str:
    """Return the one-time URL at which the owner of a new account sets a password, within PASSWORD_RESET_TIMEOUT.

    Wagtail's form for forgotten passwords sends no mail to accounts without a password.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("wagtailadmin_password_reset_confirm", args=[uid, default_token_generator.make_token(user)])
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"
