"""Makes a department, or completes one that is there."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.text import slugify

from sites.provisioning import create_department


class Command(BaseCommand):
    help = "Make a department with its site, homes, collection and groups. Run again, it completes what is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="INSEE code: 03, 2A, 974…")
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", help="names the department in addresses; made from the name by default")
        parser.add_argument("--host", required=True, help="host name of the site")
        parser.add_argument("--port", type=int, default=443, help="port that visitors use (443: https)")
        parser.add_argument("--locales", default="fr", help="languages of the site, separated by commas: fr,en,it")
        parser.add_argument("--source", help="language in which the department writes; the first one by default")

    def handle(self, *args: Any, **options: Any) -> None:
        locales = options["locales"].split(",")
        try:
            department = create_department(
                code=options["code"],
                name=options["name"],
                slug=options["slug"] or slugify(options["name"]),
                hostname=options["host"],
                port=options["port"],
                locales=locales,
                source=options["source"] or locales[0],
            )
        except ValidationError as refusal:
            raise CommandError(
                "; ".join(f"{field}: {' '.join(messages)}" for field, messages in refusal.message_dict.items())
            ) from refusal
        self.stdout.write(f"{department}: {department.site.root_url}/")
