"""Builds a new index beside the live one, compares both, and makes the new one live if it is not worse."""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Sum
from django.utils import timezone

from cms.delivery.change_feed import newest_position
from cms.locks import process_lock
from search.engines import get_live_engine, get_or_create_live_engine, index_store, new_index_name
from search.engines.contract import Answer, Engine, EngineUnavailable, IndexDamaged
from search.linguistics.languages import language_codes
from search.models import ConceptCounter, IndexCursor, SearchedWords, UnindexedDocument
from search.query.search_query import QueryWords, SearchQuery, fallback_chain, parse_words

from .feed_position import IndexOutOfStep, difference_of_position, languages_to_rebuild, require_position
from .file_texts.attachments import read_unread_files
from .index_updates import apply_feed, get_or_create_cursor, index_file_texts
from .unindexed_documents import indexed_documents

# A probe is a document that a search for its title must find among the first TOP_HITS hits. The limits are for all
# probes, and for each pair of type and language.
MAX_PROBES = 200
PROBES = 20
TOP_HITS = 10
# Number of frequent searches of the query log that must still find something.
LOGGED_SEARCHES = 100
READ_SECONDS = 60  # files are read for this time before their documents are indexed
MAX_COMPARISONS = 5
# An index that has not read the feed for this time is no longer being built.
ABANDONED = datetime.timedelta(minutes=10)

# Pauses in seconds after the first, second, … call that the engine did not answer; the last one is repeated. After
# MAX_OUTAGE_SECONDS without progress a rebuild is given up.
PAUSES = (1, 2, 5, 10, 30)
MAX_OUTAGE_SECONDS = 900
# Seconds for which another process may still search an index that is no longer live.
FORMER_INDEX_SECONDS = 10
# The lock of the processes that rebuild the index.
REBUILD_LOCK = "search_rebuild"

T = TypeVar("T")
LoggedQuery = tuple[str, str]  # words and language, "" for all
Probe = tuple[str, str, str]  # content id, locale and title
Counts = dict[tuple[str, str, str], int]


logger = logging.getLogger(__name__)


class RebuildRefused(Exception):
    """Raised when a rebuilt index fails its comparison with the live index; the message names the differences."""


@dataclass(frozen=True)
class IndexStatus:
    """The state of an index compared with the database.

    `differences` has the counts (index, database) that differ, by department, type and locale. `cursor` is the last
    sequence number of the feed that the index has applied, `concepts` the last change of concepts. `rebuild_reason`
    says why the index must be rebuilt; "" if it need not.
    """

    index: str
    cursor: int
    newest: int
    concepts: int
    newest_concepts: int
    differences: dict[tuple[str, str, str], tuple[int, int]]
    counts: Counts
    rebuild_reason: str
    refused_versions: int

    @property
    def lag(self) -> int:
        return self.newest - self.cursor + self.newest_concepts - self.concepts

    @property
    def is_complete(self) -> bool:
        return not (self.differences or self.lag or self.rebuild_reason)


def index_status(engine: Engine) -> IndexStatus:
    """Compare an index with the database. Raises EngineUnavailable."""
    cursor = IndexCursor.objects.filter(index=engine.name).first() or IndexCursor()
    newest = newest_position()
    counts, expected = engine.counts(), _database_counts(engine.name)
    differences = {
        key: (counts.get(key, 0), expected.get(key, 0))
        for key in sorted(counts.keys() | expected.keys())
        if counts.get(key, 0) != expected.get(key, 0)
    }
    return IndexStatus(
        engine.name,
        cursor.sequence,
        newest.last,
        cursor.concept_change,
        ConceptCounter.last_number(),
        differences,
        counts,
        difference_of_position(engine, cursor, newest) or _lost(engine),
        cursor.refused_versions,
    )


class OutageRetries:
    """Calls functions, and calls them again after a pause while the engine does not answer.

    Each function must continue where it stopped: the cursor of the new index advances with each batch.
    """

    def __init__(self) -> None:
        self._failing_since: float | None = None
        self._attempts = 0

    def progressed(self) -> None:
        """Start counting anew: the engine has answered."""
        self._failing_since, self._attempts = None, 0

    def __call__(self, work: Callable[[], T]) -> T:
        """Return the result of a function. Raises EngineUnavailable after MAX_OUTAGE_SECONDS without progress."""
        while True:
            try:
                result = work()
            except EngineUnavailable as error:
                now = time.monotonic()
                self._failing_since = self._failing_since or now
                if now - self._failing_since > MAX_OUTAGE_SECONDS:
                    raise
                pause = PAUSES[min(self._attempts, len(PAUSES) - 1)]
                self._attempts += 1
                logger.warning("The rebuild of the search index goes on in %d s: %s", pause, error)
                time.sleep(pause)
            else:
                self.progressed()
                return result


def rebuild(*, progress: Callable[[int], Any] | None = None, force: bool = False) -> Engine:
    """Build a new index from the whole feed and make it live; return it.

    While the engine does not answer, the rebuild waits and continues at its cursor. `progress` is called with
    the number of documents of each batch. With `force` a worse index becomes live too, and the differences are logged.

    Raises RebuildRefused if it is worse than the live index, which then stays live, EngineUnavailable after
    MAX_OUTAGE_SECONDS without an answer, and IndexOutOfStep if the database is restored meanwhile. The new index is
    then removed.
    """
    with_retries = OutageRetries()
    # A restore that this rebuild is the first to notice begins a new epoch, which the new index has to follow.
    with_retries(_current_engine)
    indexes = index_store()
    name, started = new_index_name(), timezone.now()
    get_or_create_cursor(name)  # Before the index exists: another rebuild would take it for abandoned.

    def batch_done(number: int) -> None:
        with_retries.progressed()
        if progress is not None:
            progress(number)

    try:
        engine = with_retries(lambda: indexes.open(name))
        with_retries(lambda: apply_feed(engine, progress=batch_done))
        while read_unread_files(READ_SECONDS):
            with_retries(lambda: index_file_texts(engine, since=started))
        for _comparison in range(MAX_COMPARISONS):
            # A document published between the update and the comparison is in the database only: try again.
            with_retries(lambda: apply_feed(engine))
            if not (reasons := with_retries(lambda: _regressions(engine, _current_engine()))):
                break
        else:
            if not force:
                raise RebuildRefused("\n".join(reasons))
            logger.warning("The new search index %s becomes live although it is worse:\n%s", name, "\n".join(reasons))
    except BaseException:
        _remove_if_possible(name)
        raise
    with_retries(lambda: apply_feed(engine))
    former = with_retries(indexes.live_name)
    with_retries(lambda: indexes.make_live(name))
    with_retries(lambda: apply_feed(engine))  # Documents published before the switch were added to the old index only.
    with_retries(lambda: index_file_texts(engine, since=started))
    with_retries(lambda: _remove_unused(kept={name, former, indexes.live_name()}))
    if former != name and _is_damaged(former):
        time.sleep(FORMER_INDEX_SECONDS)
        _remove_if_possible(former)
    return engine


def _current_engine() -> Engine | None:
    """Return the live index to compare with; None if there is none or this version cannot read it.

    An index that must be rebuilt is none to compare with: it has changes that this database does not know.
    """
    try:
        engine = get_live_engine()
    except EngineUnavailable:
        return None
    return None if rebuild_reason(engine) else engine


def rebuild_if_required() -> bool:
    """Rebuild the live index if it cannot follow the feed or is damaged; return True if it was rebuilt.

    Raises AlreadyLocked if another process rebuilds, and the exceptions of `rebuild`.
    """
    with process_lock(REBUILD_LOCK):
        try:
            reason = rebuild_reason(get_or_create_live_engine())
        except IndexDamaged as error:
            reason = str(error)
        if not reason:
            return False
        logger.warning("The search index is being rebuilt: %s", reason)
        engine = rebuild()
    logger.warning("The search index is rebuilt; %s answers now", engine.name)
    return True


def rebuild_reason(engine: Engine) -> str:
    """Return why an index must be rebuilt; "" if it follows the feed of this database. Raises EngineUnavailable."""
    with engine.write_lock():
        try:
            require_position(engine, get_or_create_cursor(engine.name))
        except IndexOutOfStep as error:
            return str(error)
    return _lost(engine)


def _lost(engine: Engine) -> str:
    lost = languages_to_rebuild(engine)
    return f"these languages are lost: {', '.join(lost)}" if lost else ""


def _remove_unused(kept: set[str]) -> None:
    """Remove the indexes except `kept` and those that another process may be building.

    `kept` contains the former live index, on which searches may still run.
    """
    busy = set(IndexCursor.objects.filter(updated_at__gt=timezone.now() - ABANDONED).values_list("index", flat=True))
    for other in index_store().names():
        if other not in kept | busy:
            _remove(other)


def _is_damaged(name: str) -> bool:
    """Return True if an index exists and cannot be searched in all languages: its cluster would stay "red".

    A version that has other fields, or whose files are damaged, cannot be opened. No search runs on it then.
    """
    indexes = index_store()
    try:
        return name in indexes.names() and bool(indexes.open(name).unavailable_languages())
    except EngineUnavailable:
        return True


def _regressions(engine: Engine, old: Engine | None) -> list[str]:
    """Return the differences from the database, and what the old index finds and the new one does not."""
    status = index_status(engine)
    reasons = [
        f"{' '.join(key)}: {indexed} in the new index, {expected} published"
        for key, (indexed, expected) in status.differences.items()
    ]
    if old is not None:
        # The old index runs only the queries for which the new one finds nothing.
        failed_probes = [probe for probe in _probes(status) if not _finds(engine, probe)]
        failed_queries = [logged for logged in _logged_queries() if not _has_hits(engine, logged)]
        try:
            lost_probes = [probe for probe in failed_probes if _finds(old, probe)]
            lost_queries = [logged for logged in failed_queries if _has_hits(old, logged)]
        except EngineUnavailable:
            lost_probes, lost_queries = [], []  # The old index is damaged: the new one cannot be worse.
        reasons += [f"“{title}” ({locale}) no longer finds its document" for _id, locale, title in lost_probes]
        reasons += [
            f"“{words}” ({locale or 'all languages'}), which people search, no longer finds anything"
            for words, locale in sorted(lost_queries)
        ]
    return reasons


def _probes(status: IndexStatus) -> list[Probe]:
    """Return some documents of each type and language of an index, the same ones at each call.

    One query for each type and language; each reads an index of the database up to its limit, for there may be
    millions of documents.
    """
    pairs = sorted({(kind, locale) for _department, kind, locale in status.counts})
    limit = max(1, min(PROBES, MAX_PROBES // max(1, len(pairs))))
    public = indexed_documents(status.index).public().order_by("id")
    return [
        (str(content_id), locale, title)
        for kind, locale in pairs
        for content_id, title in public.filter(type=kind, locale=locale).values_list("content_id", "title")[:limit]
    ]


def _logged_queries() -> list[LoggedQuery]:
    """Return the most frequent searches of the query log that have found something."""
    rows = SearchedWords.objects.filter(hits__gt=0).order_by().values_list("words", "language")
    most = rows.annotate(searches=Sum("times")).order_by("-searches", "words", "language")[:LOGGED_SEARCHES]
    return [(words, language) for words, language, _searches in most]


def _has_hits(engine: Engine, logged: LoggedQuery) -> bool:
    """Return True if the query finds something when it is run as readers run it."""
    words, locale = logged
    query = SearchQuery(words=parse_words(words), locales=fallback_chain(locale) if locale else (), limit=1)
    return bool(_complete(engine.search(query)).hits)


def _finds(engine: Engine, probe: Probe) -> bool:
    """Return True if a search for the title of a document finds it among the first hits."""
    content_id, locale, title = probe
    query = SearchQuery(words=QueryWords(title), filters={"locale": (locale,)}, limit=TOP_HITS)
    hits = [hit for hit in _complete(engine.search(query)).hits if not hit.is_related]
    return any((hit.content_id, hit.locale) == (content_id, locale) for hit in hits)


def _complete(answer: Answer) -> Answer:
    """Return the answer, which is compared with another. Raises EngineUnavailable if it is partial."""
    if answer.is_partial:
        raise EngineUnavailable("a comparison was answered in part")
    return answer


def _database_counts(index: str) -> Counts:
    rows = indexed_documents(index).filter(locale__in=language_codes())
    counted = rows.order_by().values_list("department__slug", "type", "locale").annotate(Count("pk"))
    return {(department, kind, locale): count for department, kind, locale, count in counted}


def _remove_if_possible(name: str) -> None:
    """Remove an index that is not needed. If the engine does not answer, the next rebuild removes it."""
    try:
        _remove(name)
    except EngineUnavailable as error:
        logger.warning("The search index %s is not removed yet: %s", name, error)


def _remove(name: str) -> None:
    index_store().remove(name)
    IndexCursor.objects.filter(index=name).delete()
    UnindexedDocument.objects.filter(index=name).delete()
