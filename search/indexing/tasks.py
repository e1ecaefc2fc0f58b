"""Background tasks that update the index after a publication."""

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

# Seconds after which an unavailable engine is tried again.
PAUSE = 10
UNAVAILABLE_KEY = "search.engine-unavailable"
# Seconds for which one run reads files: other tasks of a worker run in between.
READ_SECONDS = 10


def enqueue_index_update() -> None:
    """Enqueue an update of the live index."""
    update_index.using(backend=settings.BACKGROUND_TASKS).enqueue()


@task()
def update_index() -> int:
    """Update the live index; return the number of changes that were applied.

    If the engine is unavailable, the cursor stays and one later run continues from there, even if nothing is published
    meanwhile.
    """
    if cache.get(UNAVAILABLE_KEY):
        return 0
    try:
        applied = apply_feed(get_or_create_live_engine())
        index_file_texts(get_or_create_live_engine())
    except EngineUnavailable as error:
        _enqueue_retry(error)
        return 0
    if unread_files().exists():
        read_files.using(backend=settings.BACKGROUND_TASKS).enqueue()
    return applied


@task()
def read_files() -> int:
    """Read some of the unread files and enqueue the indexing of their documents; return the number of files."""
    number = read_unread_files(READ_SECONDS)
    enqueue_index_update()
    return number


def _enqueue_retry(error: EngineUnavailable) -> None:
    """Enqueue one later run, however many runs fail before it is due."""
    logger.warning("the search index is behind: %s", error)
    if cache.add(UNAVAILABLE_KEY, True, timeout=PAUSE - 1):
        later = timezone.now() + datetime.timedelta(seconds=PAUSE)
        update_index.using(backend=settings.BACKGROUND_TASKS, run_after=later).enqueue()
