"""Command `translations`: files of translations, memories and glossaries, and the progress of translations."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from cms.management import language_resource_actions
from cms.translations.file_service.import_report import Outcome, TranslationReport
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.file_service.outgoing_files import FORMATS, translations_to_export, write_files
from cms.translations.progress.department_progress import progress_by_language
from sites.models import Department
from sites.validation.unreadable_files import reason_of

SHOWN = 60


class Command(BaseCommand):
    help = "Export and import translations, memories and glossaries, and show how many texts and words are to do."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", help="write one file for each content of a department")
        export.add_argument("--department", required=True, metavar="SLUG")
        export.add_argument("--locale", required=True, metavar="CODE", help="language of the translations")
        export.add_argument("--format", required=True, choices=FORMATS, dest="format_name")
        export.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder; no file is overwritten")
        export.add_argument("--page", type=int, action="append", default=[], metavar="ID", help="only these pages")
        imported = actions.add_parser("import", help="store the translations of files; status 1 if one is refused")
        imported.add_argument("files", nargs="+", type=Path, metavar="FILE")
        imported.add_argument("--department", metavar="SLUG", help="refuse files with contents of another one")
        imported.add_argument("--user", metavar="EMAIL", help="the account that counts as the author")
        imported.add_argument("--overwrite", action="store_true", help="replace other translations of people too")
        status = actions.add_parser("status", help="print the progress by department and language")
        status.add_argument("--department", metavar="SLUG")
        language_resource_actions.add_actions(actions)
        status.add_argument("--json", action="store_true", help="print one list of objects")

    def handle(self, *args: Any, **options: Any) -> None:
        # The reasons of refused files and units are sentences of the screens, in the active language.
        with translation.override("en"):
            self._perform(**options)

    def _perform(self, action: str, **options: Any) -> None:
        department = _department(options["department"]) if options["department"] else None
        if action in language_resource_actions.ACTIONS and department is not None:
            language_resource_actions.perform(action, department, self.stdout.write, options)
        elif action == "status":
            self._print_status(department, options["json"])
        elif action == "import":
            user = _user(options["user"]) if options["user"] else None
            merge = MergeOptions(department=department, user=user, overwrite=options["overwrite"])
            self._import(options["files"], merge, options["verbosity"])
        elif department is not None:
            self._export(department, **{name: options[name] for name in ("locale", "format_name", "output", "page")})

    def _export(self, department: Department, locale: str, format_name: str, output: Path, page: list[int]) -> None:
        languages = department.department_locales.filter(is_source=False).select_related("locale")
        target = languages.filter(locale__language_code=locale).first()
        if target is None:
            raise CommandError(f"locale: {department} does not translate into “{locale}”")
        try:
            for written in write_files(translations_to_export(department, target.locale, page), format_name, output):
                self.stdout.write(f"{written.path}: {written.units} units")
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except OSError as error:
            raise CommandError(f"output: {error.filename}: {reason_of(error)}") from error

    def _import(self, paths: list[Path], options: MergeOptions, verbosity: int) -> None:
        """Import each file by itself. Raises CommandError, after the last file, if one of them was refused."""
        refused = []
        for path in paths:
            try:
                with path.open("rb") as file:
                    reports = import_file(file, path.name, options)
            except ValidationError as refusal:
                refused.append(" ".join(refusal.messages))
                continue
            except OSError as error:
                refused.append(f"{path}: {reason_of(error)}")
                continue
            for report in reports:
                self._print_report(path, report, verbosity)
            if not any(report.fits for report in reports):
                refused.append(f"{path}: nothing was imported, because every unit is refused")
        if refused:
            raise CommandError("\n".join(refused))

    def _print_report(self, path: Path, report: TranslationReport, verbosity: int) -> None:
        numbers = ", ".join(f"{report.number(outcome)} {outcome}" for outcome in Outcome)
        self.stdout.write(f"{path}: {report.title} ({report.language}): {numbers}")
        for unit in report.units:
            if unit.outcome is Outcome.REFUSED or verbosity > 1:
                text = unit.source if len(unit.source) <= SHOWN else f"{unit.source[: SHOWN - 1]}…"
                reason = f": {unit.reason}" if unit.reason else ""
                self.stdout.write(f"  line {unit.line}: {unit.outcome}: “{text}” ({unit.context}){reason}")

    def _print_status(self, department: Department | None, as_json: bool) -> None:
        rows = [asdict(row) for row in progress_by_language(department)]
        if as_json:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            numbers = ", ".join(f"{row[name]} {name.replace('_', ' ')}" for name in list(row)[2:])
            self.stdout.write(f"{row['department']} {row['locale']}: {numbers}")


def _department(slug: str) -> Department:
    department = Department.objects.filter(slug=slug).select_related("container", "collection").first()
    if department is None:
        raise CommandError(f"department: there is no department “{slug}”")
    return department


def _user(email: str) -> Any:
    users = list(get_user_model()._default_manager.filter(email__iexact=email)[:2])
    if len(users) != 1:
        raise CommandError(f"user: {'several accounts have' if users else 'no account has'} the address “{email}”")
    return users[0]
