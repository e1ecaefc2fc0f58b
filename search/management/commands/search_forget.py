"""Deletes expired rows of the query log."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cms.scheduled_commands import add_accept_clock, check_clock
from search.analytics.query_log import delete_expired_searches
from search.models.searched_words import KEPT_DAYS


class Command(BaseCommand):
    help = f"Delete searches of more than {KEPT_DAYS} days ago from the query log; `publish_scheduled` does so too."

    def add_arguments(self, parser: CommandParser) -> None:
        add_accept_clock(parser)

    def handle(self, *args: Any, accept_clock: bool, **options: Any) -> None:
        if not accept_clock:
            check_clock()
        self.stdout.write(f"{delete_expired_searches()} rows deleted")
