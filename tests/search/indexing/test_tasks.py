"""Index updates run in the background: a publication waits neither for an engine nor for a file."""

import datetime
import threading
import time

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from django_tasks import task

from cms.pages.models import StandardPage
from search.engines import get_or_create_live_engine
from search.engines.contract import EngineUnavailable
from search.indexing import tasks
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from tests.factories import files
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory
from tests.factories.pages import make_page


def titles(q):
    return [card["title"] for _hit, card in run_search(SearchQuery(words=parse_words(q))).cards]


@pytest.mark.django_db(transaction=True)
def test_published_documents_and_their_files_are_indexed_in_the_background(settings, search_index, background):
    settings.SEARCH_UPDATES = "task"
    allier = make_department("allier")
    file = DocumentFactory(file=ContentFile(files.pdf("ouistiti"), name="a.pdf"), collection=allier.collection)
    make_page(StandardPage, allier, title="Chimpanzé", body=[("document", file)])
    background.finish()
    assert titles("chimpanzé") == titles("ouistiti") == ["Chimpanzé"]


@pytest.mark.django_db(transaction=True)
def test_publishing_does_not_wait_for_the_index(settings, search_index, background, monkeypatch):
    allier = make_department("allier")
    settings.SEARCH_UPDATES = "task"
    is_slow, may_go_on = threading.Event(), threading.Event()

    def slow(engine):
        is_slow.set()
        assert may_go_on.wait(30)
        return 0

    monkeypatch.setattr(tasks, "apply_feed", slow)
    page = make_page(StandardPage, allier, title="Chimpanzé")
    assert is_slow.wait(30)
    assert page.live, "published while the index stood still"
    may_go_on.set()


@pytest.fixture
def retries(monkeypatch, settings):
    """Return the list of times for which later runs are enqueued."""
    run_times = []
    original = type(tasks.update_index).enqueue

    def enqueue(self, *args, **kwargs):
        run_times.append(self.run_after)
        return None if self.run_after else original(self, *args, **kwargs)

    monkeypatch.setattr(type(tasks.update_index), "enqueue", enqueue)
    return run_times


@pytest.mark.django_db
def test_an_unavailable_engine_is_tried_again_by_one_later_run(monkeypatch, retries):
    tried = []

    def away():
        tried.append(1)
        raise EngineUnavailable("stopped")

    monkeypatch.setattr(tasks, "get_or_create_live_engine", away)
    for _publication in range(5):
        assert tasks.update_index.call() == 0
    assert len(tried) == 1, "not each publication tries an engine that is away"
    assert len(retries) == 1
    assert retries[0] > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_the_index_is_updated_once_the_engine_is_available_again(settings, search_index, background, monkeypatch):
    settings.SEARCH_UPDATES = "task"
    monkeypatch.setattr(tasks, "PAUSE", 2)
    is_back = threading.Event()
    original = get_or_create_live_engine

    def away():
        if not is_back.is_set():
            raise EngineUnavailable("stopped")
        return original()

    monkeypatch.setattr(tasks, "get_or_create_live_engine", away)
    search_index()
    make_page(StandardPage, make_department("allier"), title="Chimpanzé")
    assert titles("chimpanzé") == []
    is_back.set()
    end = time.monotonic() + 30
    while not titles("chimpanzé") and time.monotonic() < end:
        time.sleep(0.2)
    assert titles("chimpanzé") == ["Chimpanzé"]


ran: list[tuple[str, str]] = []


@task(backend="background")
def note(text):
    ran.append((text, threading.current_thread().name))
    if text == "wrong":
        raise ValueError
    if text == "first":
        time.sleep(0.3)


def test_background_tasks_run_in_order_and_duplicates_once(background):
    ran.clear()
    for text in ("first", "second", "second", "wrong", "third"):
        note.enqueue(text)
    background.finish()
    assert [text for text, _thread in ran] == ["first", "second", "wrong", "third"]
    assert threading.current_thread().name not in {thread for _text, thread in ran}


def test_background_tasks_wait_for_their_time(background):
    ran.clear()
    note.using(run_after=timezone.now() + datetime.timedelta(seconds=0.3)).enqueue("soon")
    note.using(run_after=timezone.now() + datetime.timedelta(hours=1)).enqueue("never")
    assert ran == []
    end = time.monotonic() + 10
    while not ran and time.monotonic() < end:
        time.sleep(0.05)
    assert [text for text, _thread in ran] == ["soon"]
