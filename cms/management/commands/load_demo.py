"""`manage.py load_demo`: five departments with their real cases, in four languages."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from cms.background import background
from cms.demo.accounts import PASSWORD, create_accounts, demo_accounts
from cms.demo.content_files import read_demo_content
from cms.demo.demo_concepts import load_concepts
from cms.demo.loader import DemoLoader
from cms.demo.page_translations import translate_pages
from sites.models import Department

DEFAULT_PORT = 8000


class Command(BaseCommand):
    help = "Load the demo: what is there already stays as it is, so running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port on which the demo is served")
        parser.add_argument(
            "--without-accounts", action="store_true", help="make no accounts (their password is known to everyone)"
        )

    def handle(self, *, port: int, without_accounts: bool, **options: Any) -> None:
        if not (settings.DEBUG or without_accounts):
            raise CommandError(
                _("The demo's accounts have a password that everyone knows: here, use --without-accounts.")
            )
        catalogue = read_demo_content()
        with _quiet("wagtail"), transaction.atomic():
            load_concepts()
            loader = DemoLoader(catalogue, port)
            loader.load()
            translate_pages(catalogue, loader)
            if not without_accounts:
                create_accounts()
        # The files of the demo are found from the start: nothing need be published before.
        background.finish()
        self._print_addresses(port)
        if not without_accounts:
            self._print_logins()

    def _print_addresses(self, port: int) -> None:
        shared = f"http://127.0.0.1:{port}"
        rows = [
            (department.name, department.site.root_url + "/", f"{shared}/{department.slug}/")
            for department in Department.objects.select_related("site")
        ]
        self._print_table(_("Sites of the departments"), rows)
        self._print_table(_("Shared"), [(_("Administration"), f"{shared}/admin/"), ("API", f"{shared}/api/v1/")])

    def _print_logins(self) -> None:
        rows = [(login.username, login.role, login.department) for login in demo_accounts()]
        self._print_table(_("Logins (password: %(password)s)") % {"password": PASSWORD}, rows)

    def _print_table(self, title: str, rows: Sequence[tuple[str, ...]]) -> None:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        self.stdout.write(f"\n{title}")
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())


@contextmanager
def _quiet(logger_name: str) -> Iterator[None]:
    """Keep a logger's lines about each page, several hundred of them, away from the addresses and logins."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
