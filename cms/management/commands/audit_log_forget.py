"""Command `audit_log_forget`: deletes the expired entries of the audit logs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from sites.models import AuditLogEntry


class Command(BaseCommand):
    help = "Delete the entries of the audit logs that are older than AUDIT_LOG_DAYS; `nightly` does so too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{AuditLogEntry.objects.delete_expired()} entries deleted")
