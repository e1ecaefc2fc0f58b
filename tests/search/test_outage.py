"""The real Elasticsearch stops, stands still, refuses, or loses an index: search says so, and all else goes on.

Tests that stop or still the server run in a step of their own (`make test-outage`), since the others share it.
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

AT_MOST = 2.0  # seconds until a reader is told that search is away
HOST = {"host": "allier.example.test"}


@pytest.fixture
def allier(settings, search_index, background, monkeypatch):
    """A department whose contents are indexed after each publication, as without a worker."""
    settings.SEARCH_ENGINE, settings.SEARCH_UPDATES = "elasticsearch", "task"
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    monkeypatch.setattr(tasks, "PAUSE", 2)
    department = make_department("allier")
    make_page(StandardPage, home_of(department), title="Chimpanzé", slug="chimpanze")
    background.finish()
    yield department
    background.finish()


def ask(client, address, **options):
    begun = time.monotonic()
    response = client.get(address, **options)
    return response, time.monotonic() - begun


def titles(client, q):
    response = client.get("/api/v1/search/", {"q": q})
    return [card["title"] for card in response.json()["results"]] if response.status_code == 200 else []


def assert_away(client, content_id):
    """Everything that asks the index answers 503 in time, as a problem document; everything else works."""
    for address in ("search/?q=chimpanze", "search/suggest/?q=ch", f"contents/{content_id}/similar/"):
        response, seconds = ask(client, f"/api/v1/{address}")
        assert response.status_code == 503, address
        assert int(response["Retry-After"]) > 0
        assert response["Content-Type"].startswith("application/problem+json")
        assert response.json()["type"] == "/problems/search-unavailable"
        assert seconds < AT_MOST, address
    response, seconds = ask(client, "/search/?q=chimpanze", headers=HOST)
    assert (response.status_code, seconds < AT_MOST) == (503, True)
    assert client.get("/fr/chimpanze/", headers=HOST).status_code == 200
    assert client.get(f"/api/v1/contents/{content_id}/").json()["title"] == "Chimpanzé"


def publish(department, title):
    """Publish a page; returns for how many seconds its editor waited."""
    begun = time.monotonic()
    page = make_page(StandardPage, home_of(department), title=title, slug=title.lower())
    assert page.live
    return time.monotonic() - begun


def wait_until_found(client, q, seconds=60):
    end = time.monotonic() + seconds
    while not titles(client, q) and time.monotonic() < end:
        time.sleep(0.5)
    assert titles(client, q)


# --- Stopped, or standing still -----------------------------------------------------------------------------


@contextmanager
def stopped():
    subprocess.run([os.environ["ELASTICSEARCH_STOP"]], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run([os.environ["ELASTICSEARCH_START"]], check=True, capture_output=True)


@contextmanager
def still():
    """A server that takes connections and does not answer."""
    server = int(Path(os.environ["ELASTICSEARCH_PID_FILE"]).read_text())
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


@pytest.mark.outage
@pytest.mark.parametrize("outage", [stopped, still])
def test_search_is_away_and_nothing_else(allier, client, background, outage):
    content_id = StandardPage.objects.get(title="Chimpanzé").translation_key
    usual = publish(allier, "Macaque")
    background.finish()
    assert titles(client, "chimpanzé") == ["Chimpanzé"]
    with outage():
        assert publish(allier, "Ouistiti") < usual + 1, "publishing does not wait for the index"
        assert_away(client, content_id)
        assert publish(allier, "Gorille") < usual + 1
        assert_away(client, content_id)
        assert client.get("/fr/ouistiti/", headers=HOST).status_code == 200
    # Nothing is published, no command is run.
    wait_until_found(client, "ouistiti")
    wait_until_found(client, "gorille")
    background.finish()
    assert index_status(get_or_create_live_engine()).is_complete


@pytest.mark.outage
def test_readers_are_told_at_once_while_the_server_is_known_not_to_answer(allier, client):
    with still():
        for _reader in range(3):
            ask(client, "/api/v1/search/?q=chimpanze")
        _response, seconds = ask(client, "/api/v1/search/?q=chimpanze")
    assert seconds < 0.5, "waiting readers would take the threads of all others"


# --- Refusing, or gone: on indices of the test's own ---------------------------------------------------------


def indices():
    return f"{project.ELASTICSEARCH_PREFIX}-*"


@pytest.mark.elasticsearch
def test_an_index_that_may_not_be_read_is_said(allier, client):
    content_id = StandardPage.objects.get().translation_key
    index_store().client.indices.put_settings(index=indices(), settings={"index.blocks.read": True})
    assert_away(client, content_id)
    index_store().client.indices.put_settings(index=indices(), settings={"index.blocks.read": None})
    assert titles(client, "chimpanzé") == ["Chimpanzé"]


@pytest.mark.elasticsearch
def test_an_index_that_may_not_be_written_catches_up_by_itself(allier, client, background):
    """As when the disk is full: Elasticsearch then answers 429 to whoever writes."""
    blocked = {"index.blocks.read_only_allow_delete": True}
    index_store().client.indices.put_settings(index=indices(), settings=blocked)
    assert publish(allier, "Ouistiti") < 10
    assert titles(client, "chimpanzé") == ["Chimpanzé"], "what is there is still found"
    assert titles(client, "ouistiti") == []
    index_store().client.indices.put_settings(index=indices(), settings=dict.fromkeys(blocked))
    wait_until_found(client, "ouistiti")


@pytest.mark.elasticsearch
def test_an_index_that_is_lost_is_said_and_made_again(allier, client, background):
    content_id = StandardPage.objects.get().translation_key
    for recover in (rebuild, lambda: publish(allier, "Ouistiti")):
        lost = list(index_store().client.indices.get(index=indices()).body)
        index_store().client.indices.delete(index=lost)
        assert_away(client, content_id)
        recover()
        background.finish()
        wait_until_found(client, "chimpanzé")
        assert index_status(get_or_create_live_engine()).is_complete


@pytest.mark.elasticsearch
def test_a_part_that_is_lost_is_not_made_again_empty(allier, client, background):
    lost = [name for name in index_store().client.indices.get(index=indices()).body if name.endswith("-fr")]
    index_store().client.indices.delete(index=lost)
    publish(allier, "Ouistiti")
    background.finish()
    assert not index_store().client.indices.exists(index=lost[0]), "Elasticsearch would guess its fields"
    assert not index_status(get_or_create_live_engine()).is_complete
    rebuild()
    assert titles(client, "chimpanzé") == ["Chimpanzé"]
    assert index_status(get_or_create_live_engine()).is_complete
