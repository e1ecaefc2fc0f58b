"""The actions of the command `translations` about memories and glossaries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction
from wagtail.models import Locale

from cms.translations.file_service.department_translations import translations_of
from cms.translations.glossary.language_resources import (
    ResourceReport,
    read_glossary,
    read_memory,
    write_glossary,
    write_memory,
)
from cms.translations.progress.update_requests import request_update
from sites.models import Department
from sites.validation.unreadable_files import reason_of

from .profession_terms import fill_glossary

EXPORTS: dict[str, Callable[[Department, Locale], bytes]] = {
    "export-memory": write_memory,
    "export-glossary": write_glossary,
}
IMPORTS: dict[str, Callable[..., ResourceReport]] = {"import-memory": read_memory, "import-glossary": read_glossary}
FILL, FILL_MEMORY = "fill-glossary", "fill-memory"
ACTIONS = (*EXPORTS, *IMPORTS, FILL, FILL_MEMORY)


def add_actions(actions: Any) -> None:
    """Add the parsers of the actions to the subparsers of the command."""
    for name, kind in (("memory", "translation memory as TMX"), ("glossary", "glossary as TBX")):
        exported = actions.add_parser(f"export-{name}", help=f"write the {kind}")
        exported.add_argument("--department", required=True, metavar="SLUG")
        exported.add_argument("--locale", required=True, metavar="CODE", help="language of the translations")
        exported.add_argument("--output", required=True, type=Path, metavar="FILE", help="no file is overwritten")
        imported = actions.add_parser(f"import-{name}", help=f"read a {kind}; status 1 if the file is refused")
        imported.add_argument("file", type=Path, metavar="FILE")
        imported.add_argument("--department", required=True, metavar="SLUG")
    filled = actions.add_parser(FILL, help="add the names of the department's professions to its glossary")
    filled.add_argument("--department", required=True, metavar="SLUG")
    filled.add_argument("--locale", metavar="CODE", help="only this language of the translations")
    memory = actions.add_parser(FILL_MEMORY, help="store the texts of all published translations in the memory")
    memory.add_argument("--department", required=True, metavar="SLUG")


def perform(action: str, department: Department, write: Callable[[str], Any], options: dict[str, Any]) -> None:
    """Perform one of `ACTIONS`, and write lines about it. Raises CommandError with the reason if it fails."""
    try:
        if action == FILL:
            for target in targets_of(department, options["locale"]):
                filled = fill_glossary(department, target)
                write(f"{department.slug} {target.language_code}: {filled.added} added, {filled.kept} kept")
        elif action == FILL_MEMORY:
            sources = translations_of(department).filter(progress__remembered_revision=None)
            keys = set(sources.values_list("source", flat=True))
            request_update(keys)
            write(f"{department.slug}: {len(keys)} contents are read in the background")
        elif action in EXPORTS:
            (target,) = targets_of(department, options["locale"])
            data = EXPORTS[action](department, target)
            with options["output"].open("xb") as file:
                file.write(data)
            write(f"{options['output']}: {len(data)} bytes")
        else:
            _import(action, department, write, options["file"])
    except ValidationError as refusal:
        raise CommandError(" ".join(refusal.messages)) from refusal
    except OSError as error:
        raise CommandError(f"{error.filename}: {reason_of(error)}") from error


@transaction.atomic
def _import(action: str, department: Department, write: Callable[[str], Any], path: Path) -> None:
    with path.open("rb") as file:
        report = IMPORTS[action](department, file, path.name)
    write(f"{path}: {report.added} added, {report.kept} kept, {len(report.refused)} refused")
    for unit in report.refused:
        write(f"  line {unit.line}: refused: “{unit.source}”: {unit.reason}")


def targets_of(department: Department, code: str | None) -> list[Locale]:
    """Return the languages of translation, or only the one with a code. Raises CommandError if there is none."""
    rows = department.department_locales.filter(is_source=False).select_related("locale")
    found = [row.locale for row in rows if code in (None, row.locale.language_code)]
    if not found:
        raise CommandError(f"locale: {department} does not translate into “{code}”")
    return found
