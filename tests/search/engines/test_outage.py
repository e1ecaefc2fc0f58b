"""Elasticsearch is stopped, paused, refuses, or loses an index: search answers 503 and everything else works.

Tests that stop or pause the server run separately (`make test-outage`), since other tests share it.
"""

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from elastic_transport import ConnectionTimeout, Transport

from cms.locks import process_lock
from cms.management.instance_status import InstanceStatus
from cms.pages.models import StandardPage
from search.engines import get_or_create_live_engine, index_store
from search.engines.elasticsearch import circuit_breaker
from search.engines.elasticsearch import engine as engine_module
from search.engines.elasticsearch.indices import create
from search.indexing import rebuild as rebuild_module
from search.indexing import tasks
from search.indexing.index_updates import apply_feed
from search.indexing.rebuild import REBUILD_LOCK, index_status, rebuild, rebuild_if_required
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page

pytestmark = pytest.mark.django_db(transaction=True)

MAX_SECONDS = 2.0  # seconds after which a reader gets the answer that search is unavailable
HOST = {"host": "allier.example.test"}


@pytest.fixture
def allier(settings, search_index, background, monkeypatch):
    """A department whose contents are indexed after each publication, without a worker."""
    settings.SEARCH_ENGINE, settings.SEARCH_UPDATES = "elasticsearch", "task"
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    monkeypatch.setattr(tasks, "PAUSE", 2)
    monkeypatch.setattr(rebuild_module, "FORMER_INDEX_SECONDS", 0)
    department = make_department("allier")
    make_page(StandardPage, home_of(department), title="Chimpanzé", slug="chimpanze")
    background.finish()
    yield department
    background.finish()


def timed_get(client, url, **options):
    begun = time.monotonic()
    response = client.get(url, **options)
    return response, time.monotonic() - begun


def titles(client, q):
    response = client.get("/api/v1/search/", {"q": q})
    return [card["title"] for card in response.json()["results"]] if response.status_code == 200 else []


def assert_unavailable(client, content_id):
    """Assert that each search endpoint answers 503 in time with a problem document, and everything else works."""
    for url in ("search/?q=chimpanze", "search/suggest/?q=ch", f"contents/{content_id}/similar/"):
        response, seconds = timed_get(client, f"/api/v1/{url}")
        assert response.status_code == 503, url
        assert int(response["Retry-After"]) > 0
        assert response["Content-Type"].startswith("application/problem+json")
        assert response.json()["type"] == "/problems/search-unavailable"
        assert seconds < MAX_SECONDS, url
    response, seconds = timed_get(client, "/search/?q=chimpanze", headers=HOST)
    assert (response.status_code, seconds < MAX_SECONDS) == (503, True)
    assert client.get("/fr/chimpanze/", headers=HOST).status_code == 200
    assert client.get(f"/api/v1/contents/{content_id}/").json()["title"] == "Chimpanzé"


def publish(department, title):
    """Publish a page and return the seconds that it took."""
    begun = time.monotonic()
    page = make_page(StandardPage, home_of(department), title=title, slug=title.lower())
    assert page.live
    return time.monotonic() - begun


def wait_until_found(client, q, seconds=60):
    end = time.monotonic() + seconds
    while not titles(client, q) and time.monotonic() < end:
        time.sleep(0.5)
    assert titles(client, q)


# --- Stopped or paused server -----------------------------------------------------------------------------


@contextmanager
def stopped():
    subprocess.run([os.environ["ELASTICSEARCH_STOP"]], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([os.environ["ELASTICSEARCH_START"]], check=True, capture_output=True)


@contextmanager
def paused():
    """Pause the server: it accepts connections and does not answer."""
    server = int(Path(os.environ["ELASTICSEARCH_PID_FILE"]).read_text())
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


@pytest.mark.outage
@pytest.mark.parametrize("outage", [stopped, paused])
def test_only_search_fails_while_the_server_is_unavailable(allier, client, background, outage):
    content_id = StandardPage.objects.get(title="Chimpanzé").translation_key
    usual = publish(allier, "Macaque")
    background.finish()
    assert titles(client, "chimpanzé") == ["Chimpanzé"]
    with outage():
        assert publish(allier, "Ouistiti") < usual + 1, "publishing does not wait for the index"
        assert_unavailable(client, content_id)
        assert publish(allier, "Gorille") < usual + 1
        assert_unavailable(client, content_id)
        assert client.get("/fr/ouistiti/", headers=HOST).status_code == 200
    # Nothing is published, no command is run.
    wait_until_found(client, "ouistiti")
    wait_until_found(client, "gorille")
    background.finish()
    assert index_status(get_or_create_live_engine()).is_complete


@pytest.mark.outage
def test_an_open_circuit_answers_at_once(allier, client):
    with paused():
        for _reader in range(3):
            timed_get(client, "/api/v1/search/?q=chimpanze")
        _response, seconds = timed_get(client, "/api/v1/search/?q=chimpanze")
    assert seconds < 0.5, "waiting readers would take the threads of all others"


# --- Blocked or lost indices ---------------------------------------------------------


def index_pattern():
    return f"{project.ELASTICSEARCH_PREFIX}-*"


@pytest.mark.elasticsearch
def test_a_read_block_of_the_index_answers_503(allier, client):
    content_id = StandardPage.objects.get().translation_key
    index_store().client.indices.put_settings(index=index_pattern(), settings={"index.blocks.read": True})
    assert_unavailable(client, content_id)
    index_store().client.indices.put_settings(index=index_pattern(), settings={"index.blocks.read": None})
    assert titles(client, "chimpanzé") == ["Chimpanzé"]


@pytest.mark.elasticsearch
def test_the_index_catches_up_after_a_write_block(allier, client, background):
    """A full disk has the same effect: Elasticsearch answers 429 to writers."""
    blocked = {"index.blocks.read_only_allow_delete": True}
    index_store().client.indices.put_settings(index=index_pattern(), settings=blocked)
    assert publish(allier, "Ouistiti") < 10
    assert titles(client, "chimpanzé") == ["Chimpanzé"], "what is there is still found"
    assert titles(client, "ouistiti") == []
    index_store().client.indices.put_settings(index=index_pattern(), settings=dict.fromkeys(blocked))
    wait_until_found(client, "ouistiti")


@pytest.mark.elasticsearch
def test_a_lost_index_answers_503_and_is_recreated(allier, client, background):
    content_id = StandardPage.objects.get().translation_key
    for recover in (rebuild, lambda: publish(allier, "Ouistiti")):
        lost = list(index_store().client.indices.get(index=index_pattern()).body)
        index_store().client.indices.delete(index=lost)
        assert_unavailable(client, content_id)
        recover()
        background.finish()
        wait_until_found(client, "chimpanzé")
        assert index_status(get_or_create_live_engine()).is_complete


@pytest.mark.elasticsearch
def test_other_languages_go_on_while_one_is_lost(allier, client, background, monkeypatch):
    monkeypatch.setattr(engine_module, "LIVE_ENGINE_MAX_AGE", 0)
    before = index_store().live_name()
    lost = lose_language("en")
    answer = client.get("/api/v1/search/?q=chimpanzé&locale=fr")
    assert [card["title"] for card in answer.json()["results"]] == ["Chimpanzé"]
    assert (answer.json()["partial"], answer["Cache-Control"]) == (True, "no-store")
    page = client.get("/search/?q=chimpanzé", headers=HOST)
    assert ("no-store" in page["Cache-Control"], page.has_header("ETag")) == (True, False)
    assert client.get("/api/v1/search/suggest/?q=chimp&locale=fr").json()["partial"]
    # The requested language is lost, or nothing is found in what is left.
    for query in ("q=chimpanzé&locale=en", "q=gorille"):
        assert client.get(f"/api/v1/search/?{query}").status_code == 503
    with pytest.raises(CommandError, match="these languages are lost: en"):
        call_command("search_status", stdout=StringIO())
    assert not index_store().client.indices.exists(index=lost), "reading creates nothing"

    publish(allier, "Ouistiti")
    background.finish()
    assert titles(client, "ouistiti") == ["Ouistiti"]
    assert index_store().live_name() != before, "the index is rebuilt without a command"
    assert client.get("/api/v1/search/?q=chimpanzé").json()["partial"] is False
    assert index_status(get_or_create_live_engine()).is_complete


@pytest.mark.elasticsearch
def test_a_lost_language_that_returns_is_rebuilt_too(allier, client, settings, search_index):
    """Its changes were skipped meanwhile. Elasticsearch would create a missing index on write and guess its fields."""
    settings.SEARCH_UPDATES = "command"
    engine = get_or_create_live_engine()
    lost = lose_language("fr")
    make_page(StandardPage, home_of(allier), title="Ouistiti", slug="ouistiti")
    apply_feed(engine)
    assert not index_store().client.indices.exists(index=lost)
    create(index_store().client.options(request_timeout=60), engine._alias)
    assert engine.missing_languages() == []
    assert rebuild_if_required()
    assert titles(client, "ouistiti") == ["Ouistiti"]
    assert index_status(get_or_create_live_engine()).is_complete


def make_red(name):
    """Replace an index of the cluster by one without a shard; return when the cluster's health is red."""
    cluster = index_store().client.options(request_timeout=60)
    aliases = cluster.indices.get_alias(index=name).body[name]["aliases"]
    cluster.indices.delete(index=name)
    nowhere = {"number_of_replicas": 0, "routing.allocation.require._name": "nowhere"}
    cluster.indices.create(index=name, aliases=aliases, settings=nowhere, wait_for_active_shards=0)
    assert cluster.cluster.health(index=name, timeout="0s")["status"] == "red"


@pytest.mark.elasticsearch
@pytest.mark.parametrize("by_task", [True, False])
def test_a_red_index_is_rebuilt_without_a_person(allier, client, settings, background, monkeypatch, by_task):
    """A moment after it became red it may return; then it is lost. The other languages are updated meanwhile."""
    engine, before = get_or_create_live_engine(), index_store().live_name()
    make_red(f"{engine._alias}-en")
    assert (engine.missing_languages(), engine.unavailable_languages()) == ([], ["en"])
    assert not rebuild_if_required()
    state = InstanceStatus()
    assert "search does not answer in the languages en" in state.problems
    assert state.data["index"]["is_rebuilding"] is False

    monkeypatch.setattr(engine_module, "LOST_AFTER", 0)
    assert "the search index has lost the languages en" in InstanceStatus().problems
    if by_task:
        with process_lock(REBUILD_LOCK):
            publish(allier, "Ouistiti")
            background.finish()
            assert InstanceStatus().data["index"]["is_rebuilding"] is True
            assert titles(client, "ouistiti") == ["Ouistiti"], "the other languages are updated"
            assert index_store().live_name() == before, "only one process rebuilds"
        call_command("publish_scheduled", stdout=StringIO())
        background.finish()
    else:
        settings.SEARCH_UPDATES = "command"
        publish(allier, "Ouistiti")
        with pytest.raises(CommandError, match="was rebuilt: these languages are lost: en"):
            call_command("search_update", stdout=StringIO())
    assert index_store().live_name() != before
    assert titles(client, "ouistiti") == ["Ouistiti"]
    assert index_status(get_or_create_live_engine()).is_complete
    assert get_or_create_live_engine().unavailable_languages() == []
    assert before not in index_store().names(), "the cluster would stay red"
    health = index_store().client.options(request_timeout=60).cluster.health(index=index_pattern(), timeout="0s")
    assert health["status"] != "red"


@pytest.mark.elasticsearch
def test_a_red_index_of_the_mark_is_replaced(allier, client, background, monkeypatch):
    make_red(f"{get_or_create_live_engine()._alias}-mark")
    monkeypatch.setattr(engine_module, "LOST_AFTER", 0)
    publish(allier, "Ouistiti")
    background.finish()
    assert titles(client, "ouistiti") == ["Ouistiti"]
    assert get_or_create_live_engine().mark() != ""


def lose_language(code):
    """Delete the index of a language; return its name."""
    name = f"{get_or_create_live_engine()._alias}-{code}"
    index_store().client.indices.delete(index=name)
    return name


# --- Slow server -------------------------------------------------------------------------------------------


@pytest.fixture
def only_first_request(monkeypatch):
    """Let every request of a search after the first one time out."""
    sent, perform = [], Transport.perform_request

    def slow(self, method, target, **options):
        if "search" in target:
            sent.append(target)
            if len(sent) > 1:
                raise ConnectionTimeout("timed out")
        return perform(self, method, target, **options)

    monkeypatch.setattr(Transport, "perform_request", slow)
    monkeypatch.setattr(circuit_breaker, "SEARCH_SECONDS", 3.0)
    return sent


@pytest.mark.elasticsearch
@pytest.mark.parametrize(("q", "status"), [("chimpanzé", 200), ("chimpanzee inconnu", 503)])
def test_an_answer_that_was_not_relaxed_is_partial_or_unavailable(allier, client, only_first_request, q, status):
    logged = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search.results.log_search", lambda *arguments: logged.append(arguments))
        answer = client.get("/api/v1/search/", {"q": q})
    assert answer.status_code == status
    assert logged == [], "it is not counted as a search without result"
    if status == 200:
        assert (answer.json()["partial"], answer.json()["count"]) == (True, 1)
        assert answer["Cache-Control"] == "no-store"
    else:
        assert int(answer["Retry-After"]) > 0


@pytest.mark.elasticsearch
def test_a_rebuild_waits_and_goes_on(allier, client, monkeypatch, caplog):
    """The cluster refuses writes for a moment, at each step of a rebuild in turn."""
    monkeypatch.setattr(rebuild_module, "PAUSES", (0,))
    for failing in ("_bulk", "_refresh", "_aliases", "_search", "-mark"):
        refused, perform = [], Transport.perform_request

        def refuse(self, method, target, *, failing=failing, refused=refused, perform=perform, **options):
            if failing in target and len(refused) < 2:
                refused.append(target)
                raise ConnectionTimeout("timed out")
            return perform(self, method, target, **options)

        with monkeypatch.context() as patch:
            patch.setattr(Transport, "perform_request", refuse)
            rebuild()
        assert len(refused) == 2, failing
        assert index_status(get_or_create_live_engine()).is_complete
    assert "goes on in 0 s" in caplog.text
    assert titles(client, "chimpanzé") == ["Chimpanzé"]


# --- Load --------------------------------------------------------------------------------------------------


READERS, LOAD_SECONDS = 16, 60
# Strict queries, typing errors, long questions, filters and searches for nothing.
QUERIES = [
    "q=chimpanzé", "q=chimpanzee", "q=page+numéro+7&locale=fr", "q=comment+devenir+chimpanzé+dans+allier&locale=fr",
    "q=zzz+inconnu", "type=standard", "q=page&type=standard&locale=fr", "q=educateur+specialise&locale=en",
]  # fmt: skip


@pytest.mark.outage
def test_no_answer_fails_or_is_partial_under_load(allier, background):
    """Sixteen readers search for one minute; the index is rebuilt meanwhile."""
    for number in range(60):
        make_page(StandardPage, home_of(allier), title=f"Page numéro {number}", slug=f"page-{number}")
    background.finish()
    wrong, answers, end = [], [], time.monotonic() + LOAD_SECONDS

    def read(reader):
        client, number = Client(raise_request_exception=False), reader
        try:
            while time.monotonic() < end:
                query = QUERIES[number % len(QUERIES)]
                number += 1
                begun = time.monotonic()
                answer = client.get(f"/api/v1/search/?{query}")
                answers.append(time.monotonic() - begun)
                if answer.status_code != 200 or answer.json()["partial"]:
                    wrong.append((query, answer.status_code, answer.content[:200]))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=read, args=(reader,)) for reader in range(READERS)]
    for thread in threads:
        thread.start()
    before = index_store().live_name()
    time.sleep(LOAD_SECONDS / 4)
    rebuild()
    rebuilt_in_time = time.monotonic() < end
    for thread in threads:
        thread.join()
    print(f"{len(answers)} answers, the slowest after {max(answers):.1f} s")  # noqa: T201
    assert wrong == []
    assert len(answers) > READERS
    assert index_store().live_name() != before
    assert rebuilt_in_time, "nobody searched at the end of the rebuild"
