"""Deletes what was searched longer ago than it is kept."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from search.analytics.query_log import delete_expired_searches
from search.models.searched_words import KEPT_DAYS


class Command(BaseCommand):
    help = f"Delete what was searched more than {KEPT_DAYS} days ago; `publish_scheduled` does it as well."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{delete_expired_searches()} rows deleted")
