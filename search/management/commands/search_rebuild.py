"""Builds a new search index while the old one stays in use."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from cms.delivery.models import PublishedDocument
from search.engines.contract import EngineUnavailable
from search.indexing.rebuild import RebuildRefused, rebuild


class Command(BaseCommand):
    help = "Build a new search index from the whole change feed, compare it with the old one, and make it live."

    def handle(self, *args: Any, **options: Any) -> None:
        total = PublishedDocument.objects.count()
        with tqdm(total=total, unit="document", file=self.stderr, disable=options["verbosity"] == 0) as progress:
            try:
                engine = rebuild(progress=progress.update)
            except RebuildRefused as refusal:
                raise CommandError(f"the new index is worse, the old one goes on answering:\n{refusal}") from refusal
            except EngineUnavailable as error:
                raise CommandError(f"the search engine does not answer: {error}") from error
        self.stdout.write(f"{engine.name} answers now: {sum(engine.counts().values())} documents")
