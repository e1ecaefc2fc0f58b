"""Imports the occupations of ESCO and their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.locks import ExclusiveCommand
from search.classifications.csv_files import ClassificationFileError
from search.classifications.esco import read_esco
from search.classifications.official_import import import_official


class Command(ExclusiveCommand):
    help = (
        "Read official CSV files of ESCO (occupations_fr.csv, ISCOGroups_fr.csv, …; all languages of one release at "
        "once) and report the effect on codes in use. A second run changes nothing."
    )
    lock_name = "import_classification"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="occupations_<language>.csv")
        parser.add_argument("--language", default="", help="language of a single file whose name does not contain it")
        parser.add_argument("--release", default="", help="name of the release, if no file name contains it")

    def handle(self, *args: Any, files: list[Path], language: str, release: str, **options: Any) -> None:
        if language and len(files) > 1:
            raise CommandError(
                "--language is for one file; the names of several files contain it (occupations_fr.csv)."
            )
        try:
            for line in import_official(read_esco(files, language=language, release=release)):
                self.stdout.write(line)
        except ClassificationFileError as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
