"""Imports the codes of ROME and the names of their occupations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.locks import ExclusiveCommand
from search.classifications.csv_files import ClassificationFileError
from search.classifications.official_import import import_official
from search.classifications.rome import ENCODINGS, read_rome


class Command(ExclusiveCommand):
    help = (
        "Read official CSV files of ROME (unix_referentiel_code_rome_v….csv, unix_referentiel_appellation_v….csv, or "
        "both) and report the effect on codes in use. A second run changes nothing."
    )
    lock_name = "import_classification"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="codes, appellations, or both")
        parser.add_argument("--encoding", default=ENCODINGS[0], choices=ENCODINGS, help="encoding of the files")
        parser.add_argument("--release", default="", help="name of the release, if no file name contains it")

    def handle(self, *args: Any, files: list[Path], encoding: str, release: str, **options: Any) -> None:
        try:
            for line in import_official([read_rome(files, encoding=encoding, release=release)]):
                self.stdout.write(line)
        except ClassificationFileError as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
