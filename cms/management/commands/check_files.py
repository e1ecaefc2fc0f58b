"""Command `check_files`: finds files that cannot be shown, makes missing renditions, and removes metadata."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cms.media.renditions.file_checks import check_all
from cms.media.renditions.stored_metadata import remove_all_stored_metadata


class Command(BaseCommand):
    help = (
        "Looks up the file of each image, document and video, and makes the renditions that images lack. Prints the "
        "files that cannot be shown, and exits with 1 if there are any."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--remove-metadata",
            action="store_true",
            help="open all files, also those without a problem, and remove positions, devices, authors and dates",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        problems = 0
        if options["remove_metadata"]:
            self.stdout.write(f"metadata removed from {remove_all_stored_metadata()} files")
        for label, pk, title in check_all():
            problems += 1
            self.stderr.write(f"{label} {pk}: {title}")
        self.stdout.write(f"{problems} files cannot be shown")
        if problems:
            sys.exit(1)
