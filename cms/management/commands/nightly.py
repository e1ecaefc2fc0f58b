"""Command `nightly`: deletes what has expired. Run it once a day."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.management.base import BaseCommand
from wagtail.admin.models import EditingSession

from search.analytics.query_log import delete_expired_searches
from sites.models import AuditLogEntry


class Command(BaseCommand):
    help = "Delete expired sessions, stale editing sessions, expired searches and expired entries of the audit logs."

    def handle(self, *args: Any, **options: Any) -> None:
        SessionStore.clear_expired()
        EditingSession.cleanup()
        searches, entries = delete_expired_searches(), AuditLogEntry.objects.delete_expired()
        self.stdout.write(f"sessions cleared; {searches} searches and {entries} entries of the audit logs deleted")
