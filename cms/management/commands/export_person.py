"""Command `export_person`: writes the data of one person as JSON (GDPR, article 15)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.personal_data.person_export import export_person, find_account
from sites.audit_log.recording import Action, record
from sites.validation.unreadable_files import reason_of


class Command(BaseCommand):
    help = "Write the data of one person as JSON. It is personal data: keep it as such."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="e-mail address, or user name of an account")
        parser.add_argument("--name", default="", help="name with which content refers to the person")
        parser.add_argument("--output", type=Path, help="a new file; without it the data is printed")

    def handle(self, *args: Any, person: str, name: str, output: Path | None, **options: Any) -> None:
        account = find_account(person)
        data = export_person(account, email=account.email if account else person, name=name)
        if account is None and not data["has_address"] and not data["has_name"]:
            raise CommandError(f"person: nothing is stored about “{person}”")
        text = json.dumps(data, ensure_ascii=False, indent=1)
        if output is None:
            self.stdout.write(text)
        else:
            try:
                # Readable by the account of the server only.
                descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
            except OSError as error:
                raise CommandError(f"--output: {error.filename}: {reason_of(error)}") from error
        record(Action.PERSON_EXPORTED, subject=account)
