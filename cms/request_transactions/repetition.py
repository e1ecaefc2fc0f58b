"""Repeats a transaction that another writer has made fail."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from cms.database_time_limits import LOCK_TIMEOUTS, is_collision, is_database_busy

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

MAXIMUM_ATTEMPTS = 5
# Seconds before the second attempt, at most. The limit doubles with each attempt.
FIRST_WAIT = 0.1


def repeat_on_collision(attempt: Callable[[], Result], may_repeat: Callable[[], bool] = lambda: True) -> Result:
    """Return the result of a function that runs one transaction, and call it again while it ends with a collision.

    `may_repeat` is called before each repetition and prepares it; it returns False if there can be none. The error of
    the last attempt is raised, and every error that is no collision at once. Inside the transaction of a caller, which
    is lost with a collision, the function is called once.
    """
    if connection.in_atomic_block:
        return attempt()
    # A request occupies a thread of the server, so it may not wait for ever.
    last_start = time.monotonic() + LOCK_TIMEOUTS * settings.DATABASE_LOCK_SECONDS
    for number in range(1, MAXIMUM_ATTEMPTS):
        try:
            return attempt()
        except Exception as error:
            if not is_collision(error) or time.monotonic() > last_start or not may_repeat():
                raise
            logger.info("attempt %d ended with a collision and is repeated: %s", number, str(error).partition("\n")[0])
        time.sleep(random.uniform(0, FIRST_WAIT * 2 ** (number - 1)))  # noqa: S311 (no secret)
    return attempt()


def commit(work: Callable[[], Result], name: str) -> Result:
    """Return the result of a function that runs in a transaction; `name` says in the log which one.

    The work after the commit may fail because the database is busy: the result stays, because the change is stored.
    """
    commits: list[bool] = []
    try:
        with transaction.atomic():
            transaction.on_commit(lambda: commits.append(True))
            result = work()
    except DatabaseError as error:
        if not commits or not is_database_busy(error):
            raise
        logger.exception("the work after the commit of %s is left to the background", name)
    return result
