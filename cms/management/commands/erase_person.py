"""Command `erase_person`: erases the data of one person (GDPR, article 17)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.personal_data.person_erasure import erase_person
from cms.personal_data.person_export import export_person, find_account


class Command(BaseCommand):
    help = "Erase the account of a person with everything it holds, and list the content that names the person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="e-mail address, or user name of an account")
        parser.add_argument("--name", default="", help="name with which content refers to the person")
        parser.add_argument("--yes", action="store_true", help="erase; without it the data is only counted")

    def handle(self, *args: Any, person: str, name: str, yes: bool, **options: Any) -> None:
        account = find_account(person)
        email = account.email if account else person
        data = export_person(account, email=email, name=name)
        if account is None and not data["has_address"] and not data["has_name"]:
            raise CommandError(f"person: nothing is stored about “{person}”")
        for part in ("refers_to_account", "has_address", "has_name"):
            for label, rows in data[part].items():
                self.stdout.write(f"{label}: {len(rows)}")
        if not yes:
            self.stdout.write("Nothing is erased yet: run this again with --yes.")
            return
        try:
            remaining = erase_person(account, email=email, name=name)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{person}: erased")
        for label, rows in remaining.items():
            self.stdout.write(f"Content of a department, to be decided there: {label}\n  " + "\n  ".join(rows))
