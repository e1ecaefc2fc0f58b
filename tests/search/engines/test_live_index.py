"""The live index is not looked up for each search, and a change of it is noticed soon."""

import pytest
from elastic_transport import Transport

from search.engines.contract import EngineUnavailable
from search.engines.elasticsearch import engine as module
from search.query.search_query import QueryWords, SearchQuery

from .samples import LIBRARY, document

pytestmark = pytest.mark.elasticsearch

CHIMPANZEE = SearchQuery(words=QueryWords("chimpanzé"))


@pytest.fixture
def requests(monkeypatch):
    """The paths of the requests to the cluster, without parameters."""
    sent, perform = [], Transport.perform_request

    def counted(self, method, target, **options):
        sent.append(target.partition("?")[0])
        return perform(self, method, target, **options)

    monkeypatch.setattr(Transport, "perform_request", counted)
    return sent


@pytest.fixture
def clusters(elasticsearch_stores):
    """The indexes of one cluster as two processes see them."""
    return elasticsearch_stores(2)


def test_a_search_is_one_request(clusters, requests):
    store, _other = clusters
    store.open("one").apply(LIBRARY, ())
    store.make_live("one")
    assert store.live_engine().search(SearchQuery()).count
    requests.clear()
    assert store.live_engine().search(SearchQuery()).count
    (path,) = requests
    assert path.endswith("/_search")


def test_an_index_that_another_process_made_live_is_used(clusters, monkeypatch):
    store, other = clusters
    for number, name in enumerate(("one", "two"), 1):
        other.open(name).apply([document(number, "Chimpanzé " * number)], ())
    other.make_live("one")
    assert store.live_engine().name == "one"
    other.make_live("two")
    assert store.live_engine().search(CHIMPANZEE).count == 1, "the one that was live goes on answering"
    monkeypatch.setattr(module, "LIVE_ENGINE_MAX_AGE", 0)
    assert store.live_engine().name == "two"


def test_a_removed_index_raises_engine_unavailable(clusters, monkeypatch):
    store, other = clusters
    store.open("one").apply([document(1, "Chimpanzé")], ())
    store.make_live("one")
    engine = store.live_engine()
    other.remove("one")
    with pytest.raises(EngineUnavailable):
        engine.search(CHIMPANZEE)
    monkeypatch.setattr(module, "LIVE_ENGINE_MAX_AGE", 0)
    assert store.live_engine() is None


def test_a_refused_query_is_sent_again_with_fewer_words(clusters, caplog):
    store, _other = clusters
    engine = store.open("one")
    engine.apply([document(1, "Chimpanzé")], ())
    question = " ".join(["chimpanzé", *(f"mot{number}" for number in range(4000))])
    answer = engine.search(SearchQuery(words=QueryWords("chimpanzé", (question,))))
    assert "refused" in caplog.text
    assert answer.count == 0, "a phrase that nobody wrote"
