"""Work that follows a publication; nobody waits for it."""

import datetime
import logging

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from django_tasks import task

from search.engines import get_or_create_live_engine
from search.engines.contract import EngineUnavailable

from .file_texts.attachments import read_unread_files, unread_files
from .index_updates import apply_feed, index_file_texts

logger = logging.getLogger(__name__)

# Seconds after which an engine that was away is tried again.
PAUSE = 10
IS_AWAY = "search.engine-is-away"
# Seconds for which one run reads files: other tasks of a worker have their turn in between.
READING = 10


def enqueue_index_update() -> None:
    """Have the index brought up to date."""
    update_index.using(backend=settings.BACKGROUND_TASKS).enqueue()


@task()
def update_index() -> int:
    """Bring the live index up to date; returns how many changes were applied.

    An engine that is away holds nothing up: the cursor stays, and one later run goes on from there, whether anything
    is published meanwhile or not.
    """
    if cache.get(IS_AWAY):
        return 0
    try:
        applied = apply_feed(get_or_create_live_engine())
        index_file_texts(get_or_create_live_engine())
    except EngineUnavailable as error:
        _try_again(error)
        return 0
    if unread_files().exists():
        read_files.using(backend=settings.BACKGROUND_TASKS).enqueue()
    return applied


@task()
def read_files() -> int:
    """Read the texts of some files that wait, and index what shows them; returns how many."""
    number = read_unread_files(READING)
    enqueue_index_update()
    return number


def _try_again(error: EngineUnavailable) -> None:
    """Ask for one more run, however many fail before it is due."""
    logger.warning("the search index is behind: %s", error)
    if cache.add(IS_AWAY, True, timeout=PAUSE - 1):
        later = timezone.now() + datetime.timedelta(seconds=PAUSE)
        update_index.using(backend=settings.BACKGROUND_TASKS, run_after=later).enqueue()
