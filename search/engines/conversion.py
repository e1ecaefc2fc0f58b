"""The conversion of documents for an index: one that cannot be converted is reported, and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import Error as DatabaseError

logger = logging.getLogger(__name__)

# Not the fault of a document: the work is repeated later.
FAULTS_OF_THE_MACHINE = (DatabaseError, OSError, MemoryError)

T = TypeVar("T")


def converted(key: str, convert: Callable[[], T], failed: dict[str, str]) -> T | None:
    """Return the result of a conversion of the document `key`; None if it fails.

    The failure is logged and added to `failed`. Raises the faults of the machine, after which the work is repeated.
    """
    try:
        return convert()
    except FAULTS_OF_THE_MACHINE:
        raise
    except Exception as error:  # Whatever a text has in it, the other documents are indexed.
        logger.exception("The search index cannot take the document %s", key)
        failed[key] = f"{type(error).__name__}: {error}"
        return None
