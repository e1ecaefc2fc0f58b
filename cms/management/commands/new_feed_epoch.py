"""Command `new_feed_epoch`: makes every consumer of the change feed start again, after a restore of the database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cms.delivery.change_feed import newest_position, renew_epoch
from search.indexing.triggers import schedule_index_update


class Command(BaseCommand):
    help = (
        "Begin a new epoch of the change feed, so that the search index and all other consumers start again. Run it "
        "after a restore that the product may not have noticed: see docs/operations.md."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        renew_epoch("the command new_feed_epoch was run")
        schedule_index_update()
        self.stdout.write(f"the epoch of the change feed is {newest_position().epoch} now")
