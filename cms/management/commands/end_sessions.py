"""Command `end_sessions`: ends the sessions of an account or of all accounts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.users.models import AccountSession, User
from cms.users.sessions.account_sessions import end_sessions


class Command(BaseCommand):
    help = "End all sessions of an account, or with --all of every account: people must log in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        group = parser.add_mutually_exclusive_group(required=True)
        group.add_argument("username", nargs="?")
        group.add_argument("--all", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            number, _rows = AccountSession.objects.all().delete()
        else:
            account = User.objects.filter(username=options["username"]).first()
            if account is None:
                raise CommandError(f"There is no account {options['username']}.")
            number = end_sessions(account)
        self.stdout.write(f"{number} sessions ended")
