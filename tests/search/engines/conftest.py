"""Fixtures of the engines: a shared index for tests that only read, a new one for each test that writes."""

from contextlib import contextmanager
from uuid import uuid4

import pytest

from search.engines.elasticsearch.engine import ElasticsearchStore
from search.engines.embedded.engine import EmbeddedStore

from .samples import LIBRARY

ENGINES = [
    pytest.param("embedded", marks=pytest.mark.embedded),
    pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
]


@contextmanager
def open_store(name, folder):
    if name == "embedded":
        yield EmbeddedStore(folder)
        return
    store = ElasticsearchStore(folder, prefix=f"test-{uuid4().hex[:12]}")
    try:
        yield store
    finally:
        for index in store.names():
            store.remove(index)


@pytest.fixture(scope="session", params=ENGINES)
def library(request, tmp_path_factory):
    """A shared engine with the sample library, for reading only."""
    with open_store(request.param, tmp_path_factory.mktemp("library")) as store:
        engine = store.open("library")
        engine.apply(LIBRARY, ())
        yield engine


@pytest.fixture(params=ENGINES)
def store(request, settings, tmp_path):
    if request.param == "elasticsearch":
        # Elasticsearch has an index for each language: four languages take half the time of eight.
        settings.WAGTAIL_CONTENT_LANGUAGES = [(code, code) for code in ("fr", "en", "it", "fi")]
    with open_store(request.param, tmp_path) as store:
        yield store


@pytest.fixture
def engine(store):
    """An engine with the sample library for one test."""
    engine = store.open("library")
    engine.apply(LIBRARY, ())
    return engine


@pytest.fixture
def elasticsearch_stores(tmp_path):
    """Return a function that returns stores of one cluster, as that many processes have them."""
    prefix = f"test-{uuid4().hex[:12]}"
    stores = []

    def make(number):
        stores.extend(ElasticsearchStore(tmp_path, prefix=prefix) for _number in range(number))
        return stores

    yield make
    for name in stores[0].names():
        stores[0].remove(name)
