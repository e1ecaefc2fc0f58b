"""Command `check_files`: finds files that cannot be shown or have no row, makes renditions, removes metadata."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.media.renditions.file_checks import check_all
from cms.media.renditions.stored_metadata import remove_all_stored_metadata
from cms.media.uploads.unnamed_files import delete_unnamed_files, find_unnamed_files
from cms.scheduled_commands import add_accept_clock, check_clock


class Command(BaseCommand):
    help = (
        "Looks up the file of each image, document and video, and makes the renditions that images lack. Prints the "
        "files that cannot be shown, and exits with 1 if there are any. Counts the stored files without a row."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove-metadata",
            action="store_true",
            help="open all files, also those without a problem, and remove positions, devices, authors and dates",
        )

        parser.add_argument(
            "--delete-unnamed",
            action="store_true",
            help="delete the stored files that no row names and that are older than a day, however many there are",
        )
        add_accept_clock(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["delete_unnamed"] and not options["accept_clock"]:
            check_clock()
        problems = 0
        if options["remove_metadata"]:
            self.stdout.write(f"metadata removed from {remove_all_stored_metadata()} files")
        for label, pk, title in check_all():
            problems += 1
            self.stderr.write(f"{label} {pk}: {title}")
        self.stdout.write(f"{problems} files cannot be shown")
        unnamed = find_unnamed_files()
        if options["delete_unnamed"]:
            self.stdout.write(f"{delete_unnamed_files(unnamed)} stored files without a row deleted")
        else:
            self.stdout.write(f"{len(unnamed.files)} of {unnamed.total} stored files have no row")
        if problems:
            sys.exit(1)
