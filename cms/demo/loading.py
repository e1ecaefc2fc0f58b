"""Loads the whole demo, step by step."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import OutputWrapper
from django.db import transaction
from django.utils.translation import gettext as _

from cms.background import background

from .accounts import create_accounts
from .content_files import read_demo_content
from .demo_concepts import load_concepts
from .loader import DemoLoader
from .page_translations import translate_pages
from .progress import ProgressPrinter


def load_demo(port: int, stream: OutputWrapper, *, with_accounts: bool) -> None:
    """Create the missing parts of the demo and print each step to `stream`.

    `port` is the port of the sites. All rows are created in one transaction. The documents are written after its
    commit, and the function returns when the search index contains them.
    """
    progress = ProgressPrinter(stream)
    progress.announce(_("Names of the professions"))
    content = read_demo_content()
    with _only_warnings("wagtail"):
        with transaction.atomic():
            load_concepts()
            loader = DemoLoader(content, port)
            loader.load(progress.track)
            translate_pages(content, loader, progress.track)
            if with_accounts:
                create_accounts(progress.track)
            progress.announce(_("Published documents"))
        progress.announce(_("Search index"))
        background.finish()


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
