"""Command `check_publication`: compares the published documents with the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from cms.delivery.document_rebuild import rebuild_documents
from cms.delivery.models import PublicationState, RefreshRequest
from cms.locks import ExclusiveCommand

# A worker, or `publish_scheduled`, processes a request within a minute or two.
MAX_DELAY = timedelta(minutes=10)
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
        problems = [] if fix else _waiting()
        result = rebuild_documents(progress=self.stderr if options["verbosity"] > 1 else None, dry_run=not fix)
        found = [f"{'repaired' if fix else 'differs'}: {name}" for name in result.changed]
        for line in found[:SHOWN]:
            self.stdout.write(line)
        if len(found) > SHOWN:
            self.stdout.write(f"and {len(found) - SHOWN} others")
        self.stdout.write(f"{result.pages} pages, {len(found)} documents {'repaired' if fix else 'differ'}")
        if found and not fix:
            problems.append(f"{len(found)} documents differ from their page: run check_publication --fix")
        problems += _failures(result.errors)
        if problems:
            raise CommandError("\n".join(problems))


def _waiting() -> list[str]:
    """Return messages about changes that nothing processes."""
    limit = timezone.now() - MAX_DELAY
    waiting = RefreshRequest.objects.filter(created_at__lt=limit).count()
    overdue = PublicationState.objects.filter(next_change_at__lt=limit).count()
    messages = []
    if waiting:
        messages.append(f"{waiting} changes wait for more than ten minutes: is the worker running?")
    if overdue:
        messages.append(f"{overdue} pages are overdue for more than ten minutes: is publish_scheduled running?")
    return messages


def _failures(errors: dict[int, str]) -> list[str]:
    """Return messages about the pages that fail, the longest failing first."""
    states = PublicationState.objects.exclude(failed_at=None).order_by("failed_at")
    known = {
        state.page_id: f"fails since {state.failed_at:%Y-%m-%d %H:%M} ({state.attempts} attempts): {state.error}"
        for state in states
    }
    new = {page_id: f"fails: {error}" for page_id, error in sorted(errors.items()) if page_id not in known}
    return [f"page {page_id} {message}" for page_id, message in (known | new).items()]
