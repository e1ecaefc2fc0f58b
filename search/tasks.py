"""Work that follows a publication."""

import logging

from django_tasks import task

from .engines import live_engine
from .engines.contract import EngineUnavailable
from .indexing import catch_up

logger = logging.getLogger(__name__)


@task()
def update_index() -> int:
    """Bring the live index up to date; returns how many changes were applied.

    An engine that is away holds nothing up: the cursor stays, and the next run goes on from there.
    """
    try:
        return catch_up(live_engine())
    except EngineUnavailable as error:
        logger.warning("the search index is behind: %s", error)
        return 0
