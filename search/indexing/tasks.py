"""Background tasks that update the index after a publication, and rebuild one that cannot follow the feed."""

import datetime
import logging

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

from cms.background import enqueue_once
from cms.locks import AlreadyLocked
from search.engines import get_or_create_live_engine
from search.engines.contract import EngineUnavailable, IndexDamaged

from .feed_position import IndexOutOfStep, languages_to_rebuild
from .file_texts.attachments import give_up_files, read_unread_files, unread_files
from .index_updates import apply_feed, index_failed_documents, index_file_texts
from .rebuild import rebuild_if_required

logger = logging.getLogger(__name__)

# The queue of the index, with a lower priority than publication (`cms.delivery.tasks`).
INDEX_QUEUE = "index"
PRIORITY = -10
# Seconds after which an unavailable engine is tried again.
PAUSE = 10
UNAVAILABLE_KEY = "search.engine-unavailable"
# Seconds for which one run reads files: other tasks of a worker run in between.
READ_SECONDS = 10


def enqueue_index_update() -> None:
    """Enqueue an update of the live index, unless one waits already, which will find the change."""
    _enqueue_once(update_index)


@task(queue_name=INDEX_QUEUE, priority=PRIORITY)
def update_index() -> int:
    """Update the live index; return the number of changes that were applied.

    If the engine is unavailable, the cursor stays and one later run continues from there, even if nothing is published
    meanwhile. An index that cannot follow the feed is rebuilt by another task.
    """
    if cache.get(UNAVAILABLE_KEY):
        return 0
    try:
        applied = apply_feed(get_or_create_live_engine())
        index_file_texts(get_or_create_live_engine())
        if languages_to_rebuild(get_or_create_live_engine()):
            _enqueue_once(rebuild_index)
    except IndexDamaged as damage:
        logger.error("the search index must be rebuilt: %s", damage)
        _enqueue_once(rebuild_index)
        return 0
    except EngineUnavailable as error:
        _enqueue_retry(error)
        return 0
    except IndexOutOfStep:  # Logged with the reason when it was noticed.
        _enqueue_once(rebuild_index)
        return 0
    give_up_files()
    if unread_files().exists():
        _enqueue_once(read_files)
    return applied


@task(queue_name=INDEX_QUEUE, priority=PRIORITY)
def read_files() -> int:
    """Read some of the unread files and enqueue the indexing of their documents; return the number of files."""
    number = read_unread_files(READ_SECONDS)
    enqueue_index_update()
    return number


@task(queue_name=INDEX_QUEUE, priority=PRIORITY - 10)
def index_failed() -> int:
    """Index again the documents that could not be converted, after a correction of the code; return their number."""
    try:
        return index_failed_documents(get_or_create_live_engine())
    except EngineUnavailable:  # A later call of the button tries again.
        return 0


@task(queue_name=INDEX_QUEUE, priority=PRIORITY - 10)
def rebuild_index() -> bool:
    """Rebuild the live index if it cannot follow the feed; return True if it was rebuilt.

    The old index goes on answering. Only one process rebuilds.
    """
    try:
        return rebuild_if_required()
    except AlreadyLocked:
        return False
    except EngineUnavailable as error:
        _enqueue_retry(error)
        return False


def enqueue_file_reading() -> None:
    """Enqueue the reading of waiting files, unless it waits already."""
    _enqueue_once(read_files)


def failed_index_tasks() -> QuerySet[DBTaskResult]:
    """Return the tasks of the index that have failed in a worker."""
    failed: QuerySet[DBTaskResult] = DBTaskResult.objects.failed().filter(queue_name=INDEX_QUEUE)
    return failed


def retry_index_tasks() -> None:
    """Delete the failed tasks of the index, and enqueue an update, and a rebuild, which ends if none is required.

    The documents that could not be converted are indexed again.
    """
    failed_index_tasks().delete()
    cache.delete(UNAVAILABLE_KEY)
    _enqueue_once(rebuild_index)
    _enqueue_once(update_index)
    _enqueue_once(index_failed)


def _enqueue_once(work: Task) -> None:
    """Enqueue a task for the background, unless it waits already."""
    enqueue_once(work, settings.BACKGROUND_TASKS)


def _enqueue_retry(error: EngineUnavailable) -> None:
    """Enqueue one later run, however many runs fail before it is due."""
    logger.warning("the search index is behind: %s", error)
    if cache.add(UNAVAILABLE_KEY, True, timeout=PAUSE - 1):
        later = timezone.now() + datetime.timedelta(seconds=PAUSE)
        update_index.using(backend=settings.BACKGROUND_TASKS, run_after=later).enqueue()
