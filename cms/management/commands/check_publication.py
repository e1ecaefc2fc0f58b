"""Command `check_publication`: compares the published documents with the pages."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.delivery.document_rebuild import rebuild_documents
from cms.delivery.publication_health import delays, failing_pages
from cms.locks import ExclusiveCommand

SHOWN = 50


class Command(ExclusiveCommand):
    help = (
        "Name the documents that differ from their page, pages whose document could not be written, and changes that "
        "wait. Exit with status 1 if there are any. --fix writes the documents again: run it every night."
    )

    lock_name = "rebuild_documents"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="write the documents that differ")

    def handle(self, *args: Any, fix: bool, **options: Any) -> None:
        problems = [] if fix else delays()
        result = rebuild_documents(progress=self.stderr if options["verbosity"] > 1 else None, dry_run=not fix)
        found = [f"{'repaired' if fix else 'differs'}: {name}" for name in result.changed]
        for line in found[:SHOWN]:
            self.stdout.write(line)
        if len(found) > SHOWN:
            self.stdout.write(f"and {len(found) - SHOWN} others")
        self.stdout.write(f"{result.pages} pages, {len(found)} documents {'repaired' if fix else 'differ'}")
        if found and not fix:
            problems.append(f"{len(found)} documents differ from their page: run check_publication --fix")
        problems += failing_pages(result.errors)
        if problems:
            raise CommandError("\n".join(problems))
