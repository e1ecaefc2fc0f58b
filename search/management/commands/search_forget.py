"""Deletes expired rows of the query log."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from search.analytics.query_log import delete_expired_searches
from search.models.searched_words import KEPT_DAYS


class Command(BaseCommand):
    help = f"Delete searches of more than {KEPT_DAYS} days ago from the query log; `publish_scheduled` does so too."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delete_expired_searches()} rows deleted")
