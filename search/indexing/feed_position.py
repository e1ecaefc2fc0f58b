"""Finds indexes that do not follow the change feed of this database: they have seen changes that it no longer has.

After a restore of the database its feed counts on from an older number, and the index has documents of later numbers.
Three things tell so: another epoch of the feed, a feed that ends before the cursor, and a mark of the index that the
database does not know. The index must then be rebuilt; its updates stop, since the engine would refuse or mix versions.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import uuid4

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from cms.delivery.change_feed import FeedPosition, newest_position, renew_epoch
from cms.delivery.models import PublishedDocument
from search.engines.contract import Engine
from search.models import IndexCursor
from search.search_documents import document_key

logger = logging.getLogger(__name__)


class IndexOutOfStep(Exception):
    """Raised when an index must be rebuilt before it can follow the feed; the message says why."""


def require_position(engine: Engine, cursors: QuerySet[IndexCursor]) -> IndexCursor:
    """Return the cursor of an index that follows the feed of this database; hold its write lock.

    Raises IndexOutOfStep otherwise, and stores the reason. If the database is an older one than the index has seen, the
    feed gets a new epoch, so that other consumers start again too.
    """
    cursor, newest = cursors.get(), newest_position()
    if cursor.rebuild_reason:
        raise IndexOutOfStep(cursor.rebuild_reason)
    mark = engine.mark()
    if reason := _difference(mark, cursor, newest):
        is_older = bool(mark) or newest.last < cursor.sequence  # Without a mark only the index may be damaged.
        if is_older and cursor.epoch in (None, newest.epoch):
            renew_epoch(f"search index {engine.name}: {reason}")
        require_rebuild(cursors, reason)
    if cursor.epoch is None and newest.epoch is not None:
        cursors.update(epoch=newest.epoch)
    cursor.mark = mark
    return cursor


def difference_of_position(engine: Engine, cursor: IndexCursor, newest: FeedPosition) -> str:
    """Return why an index must be rebuilt; "" if it follows the feed. Nothing is written."""
    return cursor.rebuild_reason or _difference(engine.mark(), cursor, newest)


def _difference(mark: str, cursor: IndexCursor, newest: FeedPosition) -> str:
    if cursor.epoch not in (None, newest.epoch):
        return "the change feed has a new epoch"
    if newest.last < cursor.sequence:
        return f"the change feed ends at {newest.last}, and the index has followed it to {cursor.sequence}"
    if mark not in (cursor.mark, cursor.next_mark):
        return "the index and the database are not of the same time, since one of them was restored"
    return ""


def require_rebuild(cursors: QuerySet[IndexCursor], reason: str) -> None:
    """Store that an index must be rebuilt, log it, and raise IndexOutOfStep."""
    cursors.update(rebuild_reason=reason)
    logger.error("The search index %s must be rebuilt: %s", cursors.get().index, reason)
    raise IndexOutOfStep(reason)


def remember_lost_languages(engine: Engine) -> None:
    """Store the languages whose part of an index is lost: its changes are skipped, so it must be rebuilt."""
    lost = engine.missing_languages()
    if lost:
        cursors = IndexCursor.objects.filter(index=engine.name)
        known = set(filter(None, (cursors.values_list("lost_languages", flat=True).first() or "").split(",")))
        if not known.issuperset(lost):
            cursors.update(lost_languages=",".join(sorted(known.union(lost))))
            logger.error("The search index %s has lost the languages %s", engine.name, ", ".join(lost))


def languages_to_rebuild(engine: Engine) -> list[str]:
    """Return the languages that an index has lost, now or for some time. Raises EngineUnavailable."""
    stored = IndexCursor.objects.filter(index=engine.name).values_list("lost_languages", flat=True).first() or ""
    return sorted({*filter(None, stored.split(",")), *engine.missing_languages()})


def require_languages(engine: Engine) -> None:
    """Raise IndexOutOfStep if an index has lost languages. Raises EngineUnavailable."""
    if lost := languages_to_rebuild(engine):
        raise IndexOutOfStep(f"these languages are lost: {', '.join(lost)}")


def announce_mark(cursors: QuerySet[IndexCursor], current: str) -> str:
    """Return a new mark, stored as the next one beside the current mark of the index, before the index gets it."""
    mark = uuid4().hex
    cursors.update(mark=current, next_mark=mark)
    return mark


def advance(cursors: QuerySet[IndexCursor], sequence: int, mark: str) -> None:
    """Store that an index has applied the feed up to a sequence number and has a mark."""
    newest = Greatest(F("sequence"), Value(sequence))
    cursors.update(sequence=newest, mark=mark, next_mark="", updated_at=timezone.now())


def check_refused(cursors: QuerySet[IndexCursor], refused: Mapping[str, int]) -> None:
    """Raise IndexOutOfStep for versions that an index refused although the database has nothing newer.

    `refused` are sequence numbers by document key. A version that the feed has replaced meanwhile is no error: another
    process has indexed the newer one.
    """
    if not refused:
        return
    content_ids = {key.partition(":")[0] for key in refused}
    rows = PublishedDocument.objects.filter(content_id__in=content_ids).values_list("content_id", "locale", "sequence")
    newest = {document_key(str(content_id), locale): sequence for content_id, locale, sequence in rows}
    wrong = sorted(key for key, sequence in refused.items() if newest.get(key, 0) <= sequence)
    if wrong:
        cursors.update(refused_versions=F("refused_versions") + len(wrong))
        renew_epoch(f"a search index has newer versions of {len(wrong)} documents than the database")
        require_rebuild(cursors, f"it refused {len(wrong)} versions as older than its own, the first of {wrong[0]}")
