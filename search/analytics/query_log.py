"""The anonymous query log: counts searches without data about the searcher and without delaying a search.

A search adds to counts in memory. A thread writes the counts every few seconds in one transaction of its own
(docs/decisions/0034-threads-without-a-worker.md). A process that is killed loses the counts since the last write; a
process that ends regularly loses nothing.
"""

from __future__ import annotations

import atexit
import datetime
import hashlib
import logging
import os
import re
import threading
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from cms.scheduled_commands import ClockRefused, check_clock
from search.models import SearchedWords
from search.query.search_query import QueryWords, SearchQuery
from sites.models import Department
from sites.unicode_forms import normalise

logger = logging.getLogger(__name__)

MAX_LENGTH = 100  # characters of the logged words
MASK = "***"
# Limit of different searches in memory. More are ignored, so that a flood fills neither memory nor table.
MAX_COUNTED = 5_000

# PostgreSQL refuses NUL characters: one of them would fail the write of all counts.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
EMAIL = re.compile(r"\S+@\S+")
YEARS = re.compile(r"(?:19|20)\d\d(?:\s*[-–/]\s*|\s)(?:19|20)\d\d")
# Six or more digits, also in groups: telephone numbers, account numbers, dates of birth.
NUMBER = re.compile(r"\+?(?:\d[\s.,/()\-–]*){5,}\d")


@dataclass(frozen=True)
class LoggedSearch:
    """The key under which searches are counted. `day` is in ISO 8601; `department` is a slug, "" for all."""

    day: str
    words: str
    language: str
    department: str

    @property
    def search_key(self) -> str:
        return hashlib.sha256("\n".join((self.words, self.language, self.department)).encode()).hexdigest()


class SearchCounter:
    """The counts of this process that are not in the database yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[LoggedSearch, tuple[int, int]] = {}
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def add(self, search: LoggedSearch, hits: int, times: int = 1) -> None:
        """Count a search; neither waits nor raises."""
        with self._lock:
            if search in self._counts or len(self._counts) < MAX_COUNTED:
                self._counts[search] = (self._counts.get(search, (0, 0))[0] + times, hits)

    def take(self) -> dict[LoggedSearch, tuple[int, int]]:
        """Return (number of searches, results of the last one) by search, and start again from none."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def flush(self) -> int:
        """Write the counts; return the number of rows. Counts that cannot be written are kept for the next call."""
        counts = self.take()
        if not counts:
            return 0
        try:
            write_counts(counts)
        except Exception:  # A lost count must not end the thread.
            logger.warning("searches could not be counted; trying again later", exc_info=True)
            for search, (times, hits) in counts.items():
                self.add(search, hits, times)
            return 0
        return len(counts)

    def start(self) -> None:
        """Start the thread that writes the counts, unless it runs already."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._thread = threading.Thread(target=self._run, name="search log", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Write the remaining counts, at the end of the process."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _run(self) -> None:
        is_stopping, cleaned_on = False, None
        while not is_stopping:
            is_stopping = self._stopping.wait(settings.SEARCH_LOG_SECONDS)
            self.flush()
            if cleaned_on != timezone.localdate():
                cleaned_on = self._delete_expired()
            # The thread is idle most of the time and must not hold a connection meanwhile.
            connection.close()

    @staticmethod
    def _delete_expired() -> datetime.date | None:
        """Delete expired rows; return the date, or None if that failed."""
        try:
            check_clock()
            delete_expired_searches()
        except ClockRefused as refusal:
            logger.warning("searches of long ago are not deleted today: %s", refusal)
        except Exception:  # Other processes and commands delete these rows too.
            logger.warning("searches of long ago could not be deleted", exc_info=True)
            return None
        return timezone.localdate()


search_counter = SearchCounter()


def _after_fork() -> None:
    """Give a forked process a counter of its own: the parent writes the copied counts, and threads are not copied."""
    global search_counter
    search_counter = SearchCounter()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(lambda: search_counter.stop())


def log_search(query: SearchQuery, hits: int) -> None:
    """Count a search for words, unless it is another page of the results.

    A search with more filters than one department is not counted: its number of results says nothing about the words.
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
    """Return True if a query has filters other than the language and one department."""
    filters = {name for name, values in query.filters.items() if values}
    return bool(
        filters - {"department"}
        or len(query.filters.get("department", ())) > 1
        or query.concept
        or query.from_day
        or query.to_day
    )


def anonymize(words: QueryWords) -> str:
    """Return the words in lower case and NFKC, with e-mail addresses and long numbers masked."""
    parts = [words.text, *(f'"{phrase}"' for phrase in words.phrases), *(f"-{word}" for word in words.excluded)]
    text = normalise("NFKC", CONTROL.sub(" ", " ".join(filter(None, parts)))).lower()
    text = NUMBER.sub(_masked_number, EMAIL.sub(MASK, text))
    return " ".join(text.split())[:MAX_LENGTH]


def _masked_number(match: re.Match[str]) -> str:
    return match.group() if YEARS.fullmatch(match.group()) else MASK


def write_counts(counts: dict[LoggedSearch, tuple[int, int]]) -> None:
    """Add counts to the rows of their days, in one transaction. Counts of a deleted department are dropped."""
    slugs = {search.department for search in counts} - {""}
    keys: dict[str, int | None] = {"": None} | dict(
        Department.objects.filter(slug__in=slugs).values_list("slug", "pk") if slugs else ()
    )
    # In a fixed order, so that two processes cannot deadlock.
    searches = sorted(
        (search for search in counts if search.department in keys), key=lambda search: (search.search_key, search.day)
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
            row = SearchedWords.objects.filter(search_key=search.search_key, day=search.day)
            row.update(times=F("times") + times, hits=hits)


def delete_expired_searches() -> int:
    """Delete the rows of days that are no longer kept; return their number."""
    expired = SearchedWords.objects.expired()
    # Checked first: on SQLite even an empty deletion waits for the write lock.
    return expired.delete()[0] if expired.exists() else 0
