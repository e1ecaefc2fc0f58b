"""The evaluation of the judged queries on both engines and Wagtail's own search (`make evaluate-search`)."""

import datetime
from uuid import uuid4

import time_machine
from django.conf import settings
from django.db import connection

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


def update_statistics():
    """Let PostgreSQL plan with the rows of this transaction; without them a query of Wagtail's search takes seconds."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def test_engines_reach_the_required_ndcg(db, commits, tmp_path, capsys):
    """The development queries have a required nDCG. The held-out queries are only printed."""
    assert len(library_documents()) >= 400
    stores = {"embedded": EmbeddedStore(tmp_path)}
    if settings.ELASTICSEARCH_URL:
        stores["elasticsearch"] = ElasticsearchStore(tmp_path, prefix=f"test-{uuid4().hex[:12]}")
    try:
        with time_machine.travel(QUERY_TIME):
            with commits():
                publish_library()
            update_statistics()
            searches = {"wagtail": wagtail_search()}
            for name, store in stores.items():
                engine = store.open(f"judged-{name}")
                apply_feed(engine)
                searches[name] = engine_search(engine)
            names = [*stores, "wagtail"]
            found = {
                folder: {name: outcomes(searches[name], judged_queries(folder)) for name in names} for folder in FOLDERS
            }
    finally:
        for store in stores.values():
            for name in store.names():
                store.remove(name)
    with capsys.disabled():
        print("", *(comparison_table(folder, by_search) for folder, by_search in found.items()), sep="\n\n")  # noqa: T201
    for name in stores:
        assert mean_ndcg(found["queries"][name]) >= MIN_NDCG, name
