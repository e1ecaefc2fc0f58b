"""An index is rebuilt during searches and publications: no query fails or returns nothing."""

import os
import signal
import threading
from contextlib import contextmanager

import pytest
from django.db import connections

from cms.pages.models import StandardPage
from search import engines
from search.engines import index_store
from search.indexing import index_updates
from search.indexing.index_updates import apply_feed
from search.indexing.rebuild import ABANDONED, index_status, rebuild
from search.models import IndexCursor
from search.query.search_query import SearchQuery, parse_words
from search.results import complete, find_similar, run_search
from tests.child_processes import start_child
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("each_engine")]

READERS = 3


@pytest.fixture
def published(search_index, monkeypatch):
    """Return a department with contents in an index; the feed is read in many batches."""
    monkeypatch.setattr(index_updates, "BATCH", 3)
    allier = make_department("allier")
    for number in range(12):
        make_page(StandardPage, home_of(allier), title=f"Chimpanzé {number}", slug=f"c-{number}")
    search_index()
    return allier


def queries_without_answer():
    """Run queries that must find something; return the names of those that found nothing."""
    answers = {
        "search": run_search(SearchQuery(words=parse_words("chimpanzé")), highlight=True).cards,
        "filters": run_search(SearchQuery(filters={"department": ("allier",)})).cards,
        "suggest": complete("chimp", "fr", 5),
    }
    if answers["search"]:
        hit, _card = answers["search"][0]
        answers["similar"] = find_similar(hit.content_id, hit.locale, 3)
    return [name for name, answer in answers.items() if not answer]


@contextmanager
def load(department):
    """Search, publish and withdraw in threads without a pause; yield the list of errors."""
    wrong, rounds, is_over = [], [], threading.Event()

    def run(work):
        try:
            while not is_over.is_set():
                work()
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connections.close_all()

    def read():
        wrong.extend(queries_without_answer())
        rounds.append(1)

    page = make_page(StandardPage, home_of(department), title="Ouistiti", slug="ouistiti", publish=False)

    def write():
        page.save_revision().publish()
        apply_feed(engines.get_or_create_live_engine())
        page.refresh_from_db()
        page.unpublish()
        apply_feed(engines.get_or_create_live_engine())

    threads = [threading.Thread(target=run, args=(work,)) for work in [read] * READERS + [write]]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert len(rounds) > READERS, "nobody searched meanwhile"


def test_no_query_fails_or_returns_nothing_during_a_rebuild(published):
    before = index_store().live_name()
    with load(published) as wrong:
        rebuild()
    assert wrong == []
    assert index_store().live_name() != before
    apply_feed(engines.get_or_create_live_engine())
    assert index_status(engines.get_or_create_live_engine()).is_complete


def test_two_rebuilds_at_once_leave_a_complete_index(published):
    wrong = []

    def run():
        try:
            rebuild()
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert queries_without_answer() == []
    assert index_status(engines.get_or_create_live_engine()).is_complete


def test_a_killed_rebuild_keeps_the_old_index_and_is_removed_by_the_next(published):
    before = index_store().live_name()

    def rebuild_until_killed():
        engines._index_store.cache_clear()
        rebuild(progress=lambda done: os.kill(os.getpid(), signal.SIGKILL))

    assert os.WTERMSIG(os.waitpid(start_child(rebuild_until_killed), 0)[1]) == signal.SIGKILL
    assert index_store().live_name() == before
    left = set(index_store().names()) - {before}
    assert len(left) == 1
    assert queries_without_answer() == []
    IndexCursor.objects.filter(index__in=left).update(
        updated_at=IndexCursor.objects.get(index=before).updated_at - ABANDONED
    )
    new = rebuild()
    assert set(index_store().names()) == {before, new.name}
    assert queries_without_answer() == []


def test_an_index_that_another_process_builds_is_kept(published):
    index_updates.get_or_create_cursor("made-elsewhere")
    index_store().open("made-elsewhere")
    rebuild()
    assert "made-elsewhere" in index_store().names()
