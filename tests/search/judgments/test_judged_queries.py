"""The evaluation of the judged queries by each engine, beside Wagtail's own search (`make evaluate-search`)."""

import datetime
from uuid import uuid4

import pytest
import time_machine

from search.engines.elasticsearch.engine import ElasticsearchStore
from search.engines.embedded.engine import EmbeddedStore
from search.indexing.index_updates import apply_feed

from .evaluation import comparison_table, engine_search, mean_ndcg, outcomes, wagtail_search
from .judged_queries import judged_queries
from .library import TODAY, library_documents
from .pages import publish_library

MIN_NDCG = 0.90
QUERY_TIME = datetime.datetime.combine(TODAY, datetime.time(10), datetime.UTC)
FOLDERS = ("queries", "held_out")


@pytest.fixture(
    params=[
        pytest.param("embedded", marks=pytest.mark.embedded),
        pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
    ]
)
def store(request, tmp_path):
    """Return the store of one engine; each engine is evaluated in one of the two runs of the tests."""
    if request.param == "embedded":
        store = EmbeddedStore(tmp_path)
    else:
        store = ElasticsearchStore(tmp_path, prefix=f"test-{uuid4().hex[:12]}")
    yield store
    for name in store.names():
        store.remove(name)


def test_engine_reaches_the_required_ndcg(store, db, commits, capsys):
    """The development queries have a required nDCG. The held-out queries are only printed."""
    assert len(library_documents()) >= 400
    with time_machine.travel(QUERY_TIME):
        with commits():
            publish_library()
        engine = store.open("judged")
        apply_feed(engine)
        searches = {store.capabilities["engine"]: engine_search(engine)}
        if isinstance(store, EmbeddedStore):
            searches["wagtail"] = wagtail_search()
        found = {
            folder: {name: outcomes(search, judged_queries(folder)) for name, search in searches.items()}
            for folder in FOLDERS
        }
    with capsys.disabled():
        print("", *(comparison_table(folder, by_search) for folder, by_search in found.items()), sep="\n\n")  # noqa: T201
    assert mean_ndcg(found["queries"][store.capabilities["engine"]]) >= MIN_NDCG
