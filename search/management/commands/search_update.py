"""Applies the change feed to the search index."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError, connections

from cms.database_time_limits import RETRY_AFTER, describe_outage
from cms.locks import AlreadyLocked
from search.engines.contract import EngineUnavailable, IndexDamaged
from search.indexing.feed_position import IndexOutOfStep
from search.indexing.live_index import update_live_index
from search.indexing.rebuild import rebuild_if_required

POLL_SECONDS = 0.5  # between two readings of the feed
READ_SECONDS = 10  # files are read for this time before the feed is read again


class Command(BaseCommand):
    help = "Update the live search index. With SEARCH_UPDATES=command, only this command updates it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--follow", action="store_true", help="continue until stopped")

    def handle(self, *args: Any, follow: bool, **options: Any) -> None:
        while True:
            try:
                try:
                    update = update_live_index(READ_SECONDS)
                except (IndexOutOfStep, IndexDamaged) as reason:
                    self._rebuild(reason, follow)
                    continue
            except EngineUnavailable as error:
                if not follow:
                    raise CommandError(f"the search engine does not answer: {error}") from error
                self.stderr.write(f"the search engine does not answer: {error}")
                time.sleep(error.retry_after)
                continue
            except (InterfaceError, OperationalError) as error:
                if not follow:
                    raise
                self.stderr.write(describe_outage(error))
                connections.close_all()
                time.sleep(RETRY_AFTER)
                continue
            if update.changes:
                self.stdout.write(f"{update.changes} changes")
            if update.files:
                self.stdout.write(f"{update.files} files read")
            elif not follow:
                return
            else:
                time.sleep(POLL_SECONDS)

    def _rebuild(self, reason: Exception, follow: bool) -> None:
        """Rebuild the index; end with an error unless the command follows the feed."""
        try:
            rebuild_if_required()
        except AlreadyLocked:
            message = f"another process rebuilds the index: {reason}"
            time.sleep(READ_SECONDS if follow else 0)
        else:
            message = f"the index did not follow this database and was rebuilt: {reason}"
        if not follow:
            raise CommandError(message)
        self.stderr.write(message)
