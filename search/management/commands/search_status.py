"""Compares the search index with the database; exit status 1 if they differ. Writes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search.engines import get_live_engine, index_store
from search.engines.contract import EngineUnavailable
from search.indexing.rebuild import index_status


class Command(BaseCommand):
    help = "Show engine, index, cursor, lag and counts of the live search index, compared with the database."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = index_status(get_live_engine())
        except EngineUnavailable as error:
            raise CommandError(f"the search engine does not answer: {error}") from error
        self.stdout.write(f"engine   {index_store().capabilities['engine']}")
        self.stdout.write(f"index    {status.index}")
        self.stdout.write(f"cursor   {status.cursor} of {status.newest} (lag {status.lag})")
        self.stdout.write(f"concepts {status.concepts} of {status.newest_concepts}")
        by_kind: Counter[tuple[str, str]] = Counter()
        for (_department, kind, locale), count in status.counts.items():
            by_kind[(kind, locale)] += count
        for (kind, locale), count in sorted(by_kind.items()):
            self.stdout.write(f"  {kind:<12} {locale:<6} {count:>8}")
        if status.rebuild_reason:
            refused = f"{status.refused_versions} versions were refused"
            raise CommandError(f"the index must be rebuilt ({refused}): {status.rebuild_reason}")
        if not status.is_complete:
            lines = [
                f"  {' '.join(key)}: {found} in the index, {expected} published"
                for key, (found, expected) in status.differences.items()
            ]
            raise CommandError("\n".join([f"the index is {status.lag} changes behind; it differs in:", *lines]))
