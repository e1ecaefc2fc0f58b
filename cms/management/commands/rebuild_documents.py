"""Command `rebuild_documents`: rebuilds every published document from its page."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from cms.delivery.document_rebuild import rebuild_documents
from cms.locks import ExclusiveCommand


class Command(ExclusiveCommand):
    help = "Make every published document again from its page; unchanged ones keep their ETag and sequence number."
    lock_name = "rebuild_documents"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch-size", type=int, help="pages for each transaction")

    def handle(self, *args: Any, batch_size: int | None, **options: Any) -> None:
        result = rebuild_documents(batch_size, progress=self.stderr if options["verbosity"] else None)
        self.stdout.write(f"{result.pages} pages, {len(result.changed)} changes, {len(result.errors)} errors")
        if result.errors:
            details = "\n".join(f"  page {page_id}: {error}" for page_id, error in sorted(result.errors.items()))
            raise CommandError(f"these pages could not be published as documents:\n{details}")
