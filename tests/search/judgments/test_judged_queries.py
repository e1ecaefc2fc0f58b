"""What is found by the judged queries, on every engine and by Wagtail's own search (`make evaluate-search`)."""

import datetime
from uuid import uuid4

import time_machine
from django.conf import settings

from search.engines.elasticsearch.engine import ElasticsearchStore
from search.engines.embedded.engine import EmbeddedStore
from search.indexing.index_updates import apply_feed

from .evaluation import finding_with, finding_with_wagtail, mean_ndcg, outcomes, table
from .judged import judged_queries
from .library import TODAY, texts
from .pages import make_library

FLOOR = 0.90
ASKED = datetime.datetime.combine(TODAY, datetime.time(10), datetime.UTC)
FOLDERS = ("queries", "held_out")


def test_the_engines_find_what_is_judged_to_be_found(db, commits, tmp_path, capsys):
    """The floor is on the queries that work goes by; the others, written before any result was seen, are a check."""
    assert len(texts()) >= 400
    stores = {"embedded": EmbeddedStore(tmp_path)}
    if settings.ELASTICSEARCH_URL:
        stores["elasticsearch"] = ElasticsearchStore(tmp_path, prefix=f"test-{uuid4().hex[:12]}")
    try:
        with time_machine.travel(ASKED):
            with commits():
                make_library()
            searches = {"wagtail": finding_with_wagtail()}
            for name, store in stores.items():
                engine = store.open(f"judged-{name}")
                apply_feed(engine)
                searches[name] = finding_with(engine)
            names = [*stores, "wagtail"]
            found = {
                folder: {name: outcomes(searches[name], judged_queries(folder)) for name in names} for folder in FOLDERS
            }
    finally:
        for store in stores.values():
            for name in store.names():
                store.remove(name)
    with capsys.disabled():
        print("", *(table(folder, by_search) for folder, by_search in found.items()), sep="\n\n")  # noqa: T201
    for name in stores:
        assert mean_ndcg(found["queries"][name]) >= FLOOR, name
