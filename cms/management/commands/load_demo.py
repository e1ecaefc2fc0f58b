"""Command `load_demo`: loads five departments with their content in four languages."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.demo.accounts import PASSWORD, demo_accounts
from cms.demo.loading import load_demo
from sites.models import Department

DEFAULT_PORT = 8000


class Command(BaseCommand):
    help = "Load the demo: what is there already stays as it is, so running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on which the demo is served")
        parser.add_argument(
            "--without-accounts", action="store_true", help="make no accounts (their password is known to everyone)"
        )

        parser.add_argument("--migrate", action="store_true", help="apply the migrations first")

    def handle(self, *, port: int, without_accounts: bool, migrate: bool, **options: Any) -> None:
        if not (settings.DEBUG or without_accounts):
            raise CommandError("The demo's accounts have a password that everyone knows: here, use --without-accounts.")
        load_demo(port, self.stdout, with_accounts=not without_accounts, migrate=migrate)
        self._print_urls(port)
        if not without_accounts:
            self._print_logins()

    def _print_urls(self, port: int) -> None:
        shared = f"http://127.0.0.1:{port}"
        rows = [
            (department.name, department.site.root_url + "/", f"{shared}/{department.slug}/")
            for department in Department.objects.select_related("site")
        ]
        self._print_table("Sites of the departments", rows)
        self._print_table("Shared", [("Administration", f"{shared}/admin/"), ("API", f"{shared}/api/v1/")])

    def _print_logins(self) -> None:
        rows = [(login.username, login.role, login.department) for login in demo_accounts()]
        self._print_table(f"Logins (password: {PASSWORD})", rows)

    def _print_table(self, title: str, rows: Sequence[tuple[str, ...]]) -> None:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        self.stdout.write(f"\n{title}")
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())
