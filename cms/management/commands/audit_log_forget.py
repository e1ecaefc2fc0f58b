"""Command `audit_log_forget`: deletes the expired entries of the audit logs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.scheduled_commands import add_accept_clock, check_clock
from sites.models import AuditLogEntry


class Command(BaseCommand):
    help = "Delete the entries of the audit logs that are older than AUDIT_LOG_DAYS; `nightly` does so too."

    def add_arguments(self, parser: CommandParser) -> None:
        add_accept_clock(parser)

    def handle(self, *args: Any, accept_clock: bool, **options: Any) -> None:
        if not accept_clock:
            check_clock()
        self.stdout.write(f"{AuditLogEntry.objects.delete_expired()} entries deleted")
