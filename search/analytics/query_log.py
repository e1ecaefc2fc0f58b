"""Counts what is searched, without a trace of who searches, and without a search ever waiting for it.

A search adds to numbers in memory. A thread writes them every few seconds, in one transaction of its own. When a
process is killed, what it has counted since then is lost; when it is stopped in an orderly way, nothing is.
"""

from __future__ import annotations

import atexit
import datetime
import hashlib
import logging
import os
import re
import threading
import unicodedata
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from search.models import SearchedWords
from search.query.search_query import QueryWords, SearchQuery
from sites.models import Department

logger = logging.getLogger(__name__)

LONGEST = 100  # characters of words that are kept
MASK = "***"
MOST = 5_000  # different searches in memory; more are not counted, so that a flood fills neither memory nor table

# PostgreSQL keeps no NUL: one of them would keep all that is counted beside it from being written.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
EMAIL = re.compile(r"\S+@\S+")
YEARS = re.compile(r"(?:19|20)\d\d(?:\s*[-–/]\s*|\s)(?:19|20)\d\d")
# Six digits or more, also in groups: telephone and account numbers, dates of birth.
NUMBER = re.compile(r"\+?(?:\d[\s.,/()\-–]*){5,}\d")


@dataclass(frozen=True)
class LoggedSearch:
    """What rows are counted by. `day` is in ISO 8601, `department` a slug."""

    day: str
    words: str
    language: str
    department: str

    @property
    def search_key(self) -> str:
        return hashlib.sha256("\n".join((self.words, self.language, self.department)).encode()).hexdigest()


class SearchCounter:
    """The counts of this process that are not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[LoggedSearch, tuple[int, int]] = {}
        self._thread: threading.Thread | None = None
        self._ends = threading.Event()

    def add(self, search: LoggedSearch, hits: int, times: int = 1) -> None:
        """Count a search; never waits and never fails."""
        with self._lock:
            if search in self._counts or len(self._counts) < MOST:
                self._counts[search] = (self._counts.get(search, (0, 0))[0] + times, hits)

    def take(self) -> dict[LoggedSearch, tuple[int, int]]:
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def flush(self) -> int:
        """Write the counts; return how many rows that changed. What cannot be written is kept for the next time."""
        counts = self.take()
        if not counts:
            return 0
        try:
            write_counts(counts)
        except Exception:  # Whatever it is: a count is not worth more than the process.
            logger.warning("searches could not be counted; trying again later", exc_info=True)
            for search, (times, hits) in counts.items():
                self.add(search, hits, times)
            return 0
        return len(counts)

    def start(self) -> None:
        """Have the counts written from now on, once for each process."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._run, name="search log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write what is left, at the end of the process."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        ends, forgotten_on = False, None
        while not ends:
            ends = self._ends.wait(settings.SEARCH_LOG_SECONDS)
            self.flush()
            if forgotten_on != timezone.localdate():
                forgotten_on = self._forget()
            # Idle most of the time: a connection of its own would be one too many.
            connection.close()

    @staticmethod
    def _forget() -> datetime.date | None:
        try:
            delete_expired_searches()
        except Exception:  # Other processes and commands delete as well.
            logger.warning("searches of long ago could not be deleted", exc_info=True)
            return None
        return timezone.localdate()


search_counter = SearchCounter()


def _after_fork() -> None:
    """A child has a copy of the counts, which its parent writes, and none of the threads."""
    global search_counter
    search_counter = SearchCounter()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(lambda: search_counter.stop())


def log_search(query: SearchQuery, hits: int) -> None:
    """Count a search for words. Only its first page counts: who turns pages has not asked again.

    A search that is narrowed further than to one department does not count either: that nothing was found among the
    events of Monday does not say that nothing is found.
    """
    if query.offset or query.words.is_empty or _is_narrowed(query) or not settings.SEARCH_LOG_SECONDS:
        return
    words = anonymize(query.words)
    if not words:
        return
    departments = query.filters.get("department", ())
    search_counter.add(
        LoggedSearch(
            day=timezone.localdate().isoformat(),
            words=words,
            language=query.locales[0] if query.locales else "",
            department=departments[0] if departments else "",
        ),
        hits,
    )
    search_counter.start()


def _is_narrowed(query: SearchQuery) -> bool:
    """Whether more than words, language and one department, which a row is counted by, say what is found."""
    filters = {name for name, values in query.filters.items() if values}
    return bool(
        filters - {"department"}
        or len(query.filters.get("department", ())) > 1
        or query.concept
        or query.from_day
        or query.to_day
    )


def anonymize(words: QueryWords) -> str:
    """Return the words in one way of writing, with e-mail addresses and long numbers masked."""
    parts = [words.text, *(f'"{phrase}"' for phrase in words.phrases), *(f"-{word}" for word in words.excluded)]
    text = unicodedata.normalize("NFKC", CONTROL.sub(" ", " ".join(filter(None, parts)))).lower()
    text = NUMBER.sub(_masked_number, EMAIL.sub(MASK, text))
    return " ".join(text.split())[:LONGEST]


def _masked_number(found: re.Match[str]) -> str:
    return found.group() if YEARS.fullmatch(found.group()) else MASK


def write_counts(counts: dict[LoggedSearch, tuple[int, int]]) -> None:
    """Add counts to the rows of their days, in one transaction; a department that has left meanwhile has none."""
    slugs = {search.department for search in counts} - {""}
    keys: dict[str, int | None] = {"": None} | dict(
        Department.objects.filter(slug__in=slugs).values_list("slug", "pk") if slugs else ()
    )
    # In one order, so that two processes do not wait for each other.
    searches = sorted(
        (each for each in counts if each.department in keys), key=lambda each: (each.search_key, each.day)
    )
    rows = [
        SearchedWords(
            search_key=search.search_key,
            day=search.day,
            words=search.words,
            language=search.language,
            department_id=keys[search.department],
            hits=counts[search][1],
        )
        for search in searches
    ]
    with transaction.atomic():
        SearchedWords.objects.bulk_create(rows, ignore_conflicts=True)
        for search in searches:
            times, hits = counts[search]
            counted = SearchedWords.objects.filter(search_key=search.search_key, day=search.day)
            counted.update(times=F("times") + times, hits=hits)


def delete_expired_searches() -> int:
    """Delete the days that are no longer kept; return how many rows they had."""
    old = SearchedWords.objects.expired()
    # Asked first: a deletion of nothing would still wait for other writers.
    return old.delete()[0] if old.exists() else 0
