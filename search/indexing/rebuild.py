"""Makes the index anew beside the one that answers, compares the two, and lets the new one answer if it is no worse."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from cms.delivery.models import FeedCounter, PublishedDocument
from search.engines import get_live_engine, index_store, new_index_name
from search.engines.contract import Engine, EngineUnavailable
from search.linguistics.languages import language_codes
from search.models import ConceptCounter, IndexCursor, SearchedWords
from search.query.search_query import QueryWords, SearchQuery, fallback_chain, parse_words

from .file_texts.attachments import read_unread_files
from .index_updates import apply_feed, get_or_create_cursor, index_file_texts

# Documents whose title must find them: at most so many in all, and so many of each type and language.
MOST_PROBES = 200
PROBES = 20
NEAR_THE_TOP = 10
# What people have searched, the most frequent first, that must not find less than something.
SEARCHED = 100
READING = 60  # seconds
COMPARISONS = 5
# What has not read the feed for so long nobody is making any more.
ABANDONED = datetime.timedelta(minutes=10)

Searched = tuple[str, str]  # words and language, "" for all
Probe = tuple[str, str, str]  # content id, locale and title
Counts = dict[tuple[str, str, str], int]


class RebuildRefused(Exception):
    """The new index is worse than the one that answers; the message says in what."""


@dataclass(frozen=True)
class IndexStatus:
    """How an index stands to the database. `differences` has (index, database) by department, type and locale.

    `cursor` is how far it has read the feed, `concepts` which change of the names of concepts it has followed.
    """

    index: str
    cursor: int
    newest: int
    concepts: int
    newest_concepts: int
    differences: dict[tuple[str, str, str], tuple[int, int]]
    counts: Counts

    @property
    def lag(self) -> int:
        return self.newest - self.cursor + self.newest_concepts - self.concepts

    @property
    def is_complete(self) -> bool:
        return not (self.differences or self.lag)


def index_status(engine: Engine) -> IndexStatus:
    """Compare an index with the database. Raises EngineUnavailable."""
    cursor = IndexCursor.objects.filter(index=engine.name).first() or IndexCursor()
    newest = FeedCounter.objects.values_list("last", flat=True).first() or 0
    found, expected = engine.counts(), _counts_of_database()
    differences = {
        key: (found.get(key, 0), expected.get(key, 0))
        for key in sorted(found.keys() | expected.keys())
        if found.get(key, 0) != expected.get(key, 0)
    }
    return IndexStatus(
        engine.name,
        cursor.sequence,
        newest,
        cursor.concept_change,
        ConceptCounter.last_number(),
        differences,
        found,
    )


def rebuild(*, progress: Callable[[int], Any] | None = None) -> Engine:
    """Make a new index from the whole feed and let it answer; return it.

    Raises RebuildRefused, with the old index still answering and the new one removed, and EngineUnavailable.
    """
    indexes = index_store()
    name, started = new_index_name(), timezone.now()
    get_or_create_cursor(name)  # Before there is anything that another rebuild could take for abandoned.
    try:
        engine = indexes.open(name)
        apply_feed(engine, progress=progress)
        while read_unread_files(READING):
            index_file_texts(engine, since=started)
        for _comparison in range(COMPARISONS):
            # What is published between catching up and comparing is in one of both only.
            apply_feed(engine)
            if not (reasons := _worse(engine, _answering())):
                break
        else:
            raise RebuildRefused("\n".join(reasons))
    except BaseException:
        _remove(name)
        raise
    apply_feed(engine)
    former = indexes.live_name()
    indexes.make_live(name)
    apply_feed(engine)  # What was published while the old index was still followed.
    index_file_texts(engine, since=started)
    _tidy(kept={name, former, indexes.live_name()})
    return engine


def _answering() -> Engine | None:
    """Return the index to compare with; None when there is none, or one that this version cannot read."""
    try:
        return get_live_engine()
    except EngineUnavailable:
        return None


def _tidy(kept: set[str]) -> None:
    """Remove indexes that nobody asks or makes any more.

    Whoever is reading the one that answered until now may finish; another rebuild may be under way.
    """
    busy = set(IndexCursor.objects.filter(updated_at__gt=timezone.now() - ABANDONED).values_list("index", flat=True))
    for other in index_store().names():
        if other not in kept | busy:
            _remove(other)


def _worse(engine: Engine, old: Engine | None) -> list[str]:
    """Return in what the new index is worse than the database and the old index ask for; [] when in nothing."""
    status = index_status(engine)
    reasons = [
        f"{' '.join(key)}: {found} in the new index, {expected} published"
        for key, (found, expected) in status.differences.items()
    ]
    if old is not None:
        # The old index is asked only about what the new one does not find.
        unfound = [probe for probe in _probes(status.counts) if not _finds(engine, probe)]
        unanswered = [asked for asked in _searched() if not _answers(engine, asked)]
        try:
            lost = [probe for probe in unfound if _finds(old, probe)]
            unheard = [asked for asked in unanswered if _answers(old, asked)]
        except EngineUnavailable:
            lost, unheard = [], []  # A part of it is lost: the new one cannot be worse.
        reasons += [f"“{title}” ({locale}) no longer finds its document" for _id, locale, title in lost]
        reasons += [
            f"“{words}” ({locale or 'all languages'}), which people search, no longer finds anything"
            for words, locale in sorted(unheard)
        ]
    return reasons


def _probes(counts: Counts) -> list[Probe]:
    """Return some documents of each type and language that an index has, the same at each call.

    A query for each type and language, read from an index of the database up to its limit: there may be millions.
    """
    pairs = sorted({(kind, locale) for _department, kind, locale in counts})
    each = max(1, min(PROBES, MOST_PROBES // max(1, len(pairs))))
    public = PublishedDocument.objects.public().order_by("id")
    return [
        (str(content_id), locale, title)
        for kind, locale in pairs
        for content_id, title in public.filter(type=kind, locale=locale).values_list("content_id", "title")[:each]
    ]


def _searched() -> list[Searched]:
    """Return what people search most, of what finds something: the instance's own judges of an index."""
    rows = SearchedWords.objects.filter(hits__gt=0).order_by().values_list("words", "language")
    most = rows.annotate(asked=Sum("times")).order_by("-asked", "words", "language")[:SEARCHED]
    return [(words, language) for words, language, _asked in most]


def _answers(engine: Engine, searched: Searched) -> bool:
    """Whether something is found, asked as readers ask it."""
    words, locale = searched
    query = SearchQuery(words=parse_words(words), locales=fallback_chain(locale) if locale else (), limit=1)
    return bool(engine.search(query).hits)


def _finds(engine: Engine, probe: Probe) -> bool:
    """Whether a document is near the top of what its title finds."""
    content_id, locale, title = probe
    query = SearchQuery(words=QueryWords(title), filters={"locale": (locale,)}, limit=NEAR_THE_TOP)
    hits = [hit for hit in engine.search(query).hits if not hit.is_related]
    return any((hit.content_id, hit.locale) == (content_id, locale) for hit in hits)


def _counts_of_database() -> Counts:
    rows = PublishedDocument.objects.filter(is_withdrawn=False, locale__in=language_codes())
    counted = rows.order_by().values_list("department__slug", "type", "locale").annotate(Count("pk"))
    return {(department, kind, locale): count for department, kind, locale, count in counted}


def _remove(name: str) -> None:
    index_store().remove(name)
    IndexCursor.objects.filter(index=name).delete()
