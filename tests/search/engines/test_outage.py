"""Elasticsearch is stopped, paused, refuses, or loses an index: search answers 503 and everything else works.

Tests that stop or pause the server run separately (`make test-outage`), since other tests share it.
"""

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as project

from cms.pages.models import StandardPage
from search.engines import get_or_create_live_engine, index_store
from search.indexing import tasks
from search.indexing.rebuild import index_status, rebuild
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
    department = make_department("allier")
    make_page(StandardPage, home_of(department), title="Chimpanzé", slug="chimpanze")
    background.finish()
    yield department
    background.finish()


def timed_get(client, address, **options):
    begun = time.monotonic()
    response = client.get(address, **options)
    return response, time.monotonic() - begun


def titles(client, q):
    response = client.get("/api/v1/search/", {"q": q})
    return [card["title"] for card in response.json()["results"]] if response.status_code == 200 else []


def assert_unavailable(client, content_id):
    """Assert that each search endpoint answers 503 in time with a problem document, and everything else works."""
    for address in ("search/?q=chimpanze", "search/suggest/?q=ch", f"contents/{content_id}/similar/"):
        response, seconds = timed_get(client, f"/api/v1/{address}")
        assert response.status_code == 503, address
        assert int(response["Retry-After"]) > 0
        assert response["Content-Type"].startswith("application/problem+json")
        assert response.json()["type"] == "/problems/search-unavailable"
        assert seconds < MAX_SECONDS, address
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
def test_a_lost_part_of_an_index_is_not_recreated_empty(allier, client, background):
    lost = [name for name in index_store().client.indices.get(index=index_pattern()).body if name.endswith("-fr")]
    index_store().client.indices.delete(index=lost)
    publish(allier, "Ouistiti")
    background.finish()
    assert not index_store().client.indices.exists(index=lost[0]), "Elasticsearch would guess its fields"
    assert not index_status(get_or_create_live_engine()).is_complete
    rebuild()
    assert titles(client, "chimpanzé") == ["Chimpanzé"]
    assert index_status(get_or_create_live_engine()).is_complete
