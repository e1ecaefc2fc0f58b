"""Command `create_department`: provisions departments from arguments or from a manifest."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms.management.department_manifest import ManifestError, ProvisioningResult, provision_departments, read_manifest

MANIFEST = """
A manifest is a TOML file of one or several departments, all of which are made or none:

  [[department]]
  code = "38"                        # INSEE code, required
  name = "Isère"                     # required
  host = "social.isere.example"      # host name of the site, required
  locales = ["fr", "en", "it"]       # languages of the site, required
  source = "fr"                      # the first of them by default
  slug = "isere"                     # made from the name by default; never changed later
  port = 443                         # port that visitors use; of a department that is there it stays by default
  contact_email = "…"                # also contact_phone, contact_address
  primary_colour = "#1f4e79"         # also accent_colour
  logo = "logos/isere.png"           # seen from the folder of the manifest
  administrators = ["someone@isere.example"]
"""


class Command(BaseCommand):
    help = (
        "Create a department with its site, homes, collection and groups, and invite its administrator. If the code "
        "exists already, change the name, the host and the other given values of its department, add languages and "
        "missing parts, remove permissions that a role no longer has, and print these changes."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, epilog=MANIFEST, formatter_class=RawDescriptionHelpFormatter, **kwargs
        )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", nargs="?", help="INSEE code: 03, 2A, 974…")
        parser.add_argument("--name")
        parser.add_argument("--slug", help="names the department in addresses; made from the name by default")
        parser.add_argument("--host", help="host name of the site")
        parser.add_argument(
            "--port",
            type=int,
            help="port that visitors use (443, https, by default; that of a department that is there stays)",
        )
        parser.add_argument("--locales", help="languages of the site, separated by commas: fr,en,it (fr by default)")
        parser.add_argument("--source", help="language in which the department writes; the first one by default")
        parser.add_argument(
            "--administrator", action="append", metavar="EMAIL", help="whom to invite to administer it; repeatable"
        )
        parser.add_argument("--manifest", type=Path, metavar="FILE.toml", help="departments to make, instead of these")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            results = provision_departments(self._records(options), options["manifest"])
        except ManifestError as error:
            raise CommandError(str(error)) from error
        for result in results:
            self._print(result)

    def _records(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        names = ("code", "name", "slug", "host", "port", "source")
        values = {name: options[name] for name in names if options[name] is not None}
        locales, administrators = options["locales"], options["administrator"]
        if options["manifest"]:
            if values or locales or administrators:
                raise CommandError("--manifest says everything: leave the other arguments out")
            return read_manifest(options["manifest"])
        if missing := [name for name in ("code", "name", "host") if not values.get(name)]:
            raise CommandError(f"{', '.join(missing)}: required without --manifest")
        return [values | {"locales": (locales or "fr").split(","), "administrators": administrators or []}]

    def _print(self, result: ProvisioningResult) -> None:
        self.stdout.write(f"{result.department}: {result.department.site.root_url}/")
        for line in result.created:
            self.stdout.write(f"  made: {line}")
        for line in result.removed:
            self.stdout.write(f"  taken away: {line}")
        if result.kept:
            self.stdout.write(f"  {result.kept} parts were there")
        for email, link in result.links.items():
            self.stdout.write(f"  first login of {email}: {link}")
