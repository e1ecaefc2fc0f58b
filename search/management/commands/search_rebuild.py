"""Builds a new search index while the old one stays in use."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from cms.delivery.models import PublishedDocument
from cms.locks import ExclusiveCommand
from search.engines.contract import EngineUnavailable
from search.indexing.feed_position import IndexOutOfStep
from search.indexing.rebuild import REBUILD_LOCK, RebuildRefused, rebuild


class Command(ExclusiveCommand):
    help = "Build a new search index from the whole change feed, compare it with the old one, and make it live."
    lock_name = REBUILD_LOCK

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="make it live even if it is worse than the old one")

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        total = PublishedDocument.objects.count()
        with tqdm(total=total, unit="document", file=self.stderr, disable=options["verbosity"] == 0) as progress:
            try:
                engine = rebuild(progress=progress.update, force=force)
            except RebuildRefused as refusal:
                raise CommandError(f"the new index is worse, the old one goes on answering:\n{refusal}") from refusal
            except IndexOutOfStep as error:
                raise CommandError(f"the database changed meanwhile, start again: {error}") from error
            except EngineUnavailable as error:
                raise CommandError(f"the search engine does not answer: {error}") from error
        self.stdout.write(f"{engine.name} answers now: {sum(engine.counts().values())} documents")
