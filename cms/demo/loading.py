"""Loads the whole demo, step by step."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.db import connection, transaction

from cms.background import background, thread_of_backend

from .accounts import create_accounts
from .asset_inspections import InspectedAssets, inspect_assets
from .content_files import DemoContent, read_demo_content
from .demo_concepts import load_concepts
from .loader import DemoLoader
from .page_translations import translate_pages
from .progress import ProgressPrinter

documents = thread_of_backend("documents")

# Migrations and the loader create many objects that stay in use until the end. With the default thresholds (700, 10,
# 10) the garbage collector takes a third of the time of the migrations.
GARBAGE_COLLECTION_THRESHOLDS = (200_000, 50, 1000)


def load_demo(port: int, stream: OutputWrapper, *, with_accounts: bool, migrate: bool) -> None:
    """Create the missing parts of the demo and print each step to `stream`.

    `port` is the port of the sites. `migrate` applies the migrations first. All rows are created in one transaction.
    The documents are written after its commit, then the search index is updated, without a writer beside the
    transaction. The function returns when the index contains all documents.
    """
    progress = ProgressPrinter(stream)
    content = read_demo_content()
    with _only_warnings("wagtail"), _rare_garbage_collection(), _assets(content, migrate) as assets:
        if migrate:
            call_command("migrate", skip_checks=True, stdout=stream)
        progress.announce("Names of the professions")
        with background.held(), documents.held(), transaction.atomic():
            load_concepts()
            loader = DemoLoader(content, assets, port)
            loader.load(progress.track)
            translate_pages(content, loader, progress.track)
            if with_accounts:
                create_accounts(progress.track)
            progress.announce("Published documents")
        documents.finish()
        progress.announce("Search index")
        background.finish()


def _assets(content: DemoContent, migrate: bool) -> AbstractContextManager[InspectedAssets]:
    """Return the files of the media, which are inspected while the migrations create a database."""
    is_new_database = migrate and not connection.introspection.table_names()
    return inspect_assets(content) if is_new_database else nullcontext(InspectedAssets())


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Run the garbage collector less often inside the `with` block."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*GARBAGE_COLLECTION_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


@contextmanager
def _only_warnings(logger_name: str) -> Iterator[None]:
    """Suppress informational log lines: Wagtail logs one for each page."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)
