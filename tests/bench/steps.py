"""The steps of a benchmark; each runs in its own process, so that its memory can be measured: `steps STEP OPTIONS`.

The last line of the output is the result as JSON. `tests.bench.search` starts the steps one after another.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import django
from tqdm import tqdm

from . import limits

MEGABYTE = 1 << 20
SUGGESTIONS = 8
WARM_UP_QUERIES = 10


Result = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--repetitions", type=int, required=True)
    options = parser.parse_args()
    django.setup()
    result = STEPS[options.step](options)
    # Linux counts in kilobytes.
    result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    print(json.dumps(result))  # noqa: T201


def prepare(_options: argparse.Namespace) -> Result:
    """Create the tables and the departments."""
    from django.core.management import call_command
    from django.db import connection

    from tests.migrated_database import copy_migrated_file

    from .fixture_data import make_departments

    if connection.vendor == "sqlite":
        copy_migrated_file(Path(connection.settings_dict["NAME"]))
    else:
        call_command("migrate", verbosity=0)
    make_departments()
    return {}


def grow(options: argparse.Namespace) -> Result:
    """Add documents until there are `options.documents`."""
    from . import fixture_data

    with tqdm(unit="document", desc="write documents") as progress:
        fixture_data.grow(options.documents, progress.update)
    return {}


def rebuild(options: argparse.Namespace) -> Result:
    """Build a new index from the whole feed, compare it with the one of the previous size, and make it live."""
    from search.indexing.rebuild import rebuild as rebuild_index

    started = indexed = time.perf_counter()
    documents = 0
    with tqdm(unit="document", desc="index", total=options.documents) as progress:

        def count(number: int) -> None:
            nonlocal documents, indexed
            documents, indexed = documents + number, time.perf_counter()
            progress.update(number)

        rebuild_index(progress=count)
    return {"seconds": time.perf_counter() - started, "rate": documents / (indexed - started)}


def run_queries(options: argparse.Namespace) -> Result:
    """Run the queries as the API does: with facets, fragments, and the cards of documents that are still public."""
    from search.results import run_search

    from .queries import BenchmarkQuery, benchmark_queries

    def count_hits(query: BenchmarkQuery) -> int:
        return run_search(query.search_query, highlight=True).answer.count

    return _measured(benchmark_queries(options.repetitions), count_hits) | _completions(options)


def _completions(options: argparse.Namespace) -> Result:
    from django.test import Client

    from .queries import typed_prefixes

    client = Client()

    def count_completions(typed: tuple[str, str]) -> int:
        prefix, language = typed
        response = client.get("/api/v1/search/suggest/", {"q": prefix, "locale": language})
        return len(response.json()["results"])

    return {"suggest": _times(typed_prefixes(options.repetitions), count_completions)[0]}


def remove(_options: argparse.Namespace) -> Result:
    """Remove every index."""
    from search.engines import index_store

    indexes = index_store()
    for name in indexes.names():
        indexes.remove(name)
    return {}


def index_wagtail(_options: argparse.Namespace) -> Result:
    """Build the index of Wagtail's own search."""
    from . import fixture_data

    with tqdm(unit="page", desc="index") as progress:
        return _rate(lambda: fixture_data.index_for_wagtail(progress.update))


def run_wagtail_queries(options: argparse.Namespace) -> Result:
    """Run the queries on Wagtail's database search, which returns a page of hits, their number and two facets."""
    from .queries import benchmark_queries, typed_prefixes
    from .reference import complete, find

    prefixes = typed_prefixes(options.repetitions)
    times, _counts = _times(prefixes, lambda typed: complete(typed[0], typed[1], SUGGESTIONS))
    return _measured(benchmark_queries(options.repetitions), find) | {"suggest": times}


def _rate(work: Callable[[], int]) -> Result:
    started = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - started
    return {"documents": done, "seconds": seconds, "rate": done / seconds}


def _measured(queries: Sequence[Any], count_hits: Callable[[Any], int]) -> Result:
    """Return the seconds of all queries and by kind, the number of queries, and the share without hits."""
    times, counts = _times(queries, count_hits)
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for query, seconds in zip(queries, times, strict=False):
        kinds[query.kind].append(seconds)
    without_hits = counts.count(0) / len(counts)
    return {"search": times, "kinds": kinds, "without_hits": without_hits, "queries": len(counts)}


def _times(queries: Sequence[Any], count_hits: Callable[[Any], int]) -> tuple[list[float], list[int]]:
    """Warm up, then run the queries until `limits.ALL_QUERIES` is over; return the seconds and the hits of each.

    The number of hits is -1 for a query that takes too long.
    """
    from .reference import TooSlow

    def hits(query: Any) -> int:
        try:
            return count_hits(query)
        except TooSlow:
            return -1

    for query in queries[:WARM_UP_QUERIES]:
        hits(query)
    times: list[float] = []
    counts: list[int] = []
    began = time.perf_counter()
    for query in tqdm(queries, unit="query", desc="run queries"):
        started = time.perf_counter()
        if started - began > limits.ALL_QUERIES:
            break
        counts.append(hits(query))
        times.append(time.perf_counter() - started)
    return times, counts


STEPS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "prepare": prepare,
    "grow": grow,
    "rebuild": rebuild,
    "run-queries": run_queries,
    "remove": remove,
    "index-wagtail": index_wagtail,
    "run-wagtail-queries": run_wagtail_queries,
}

if __name__ == "__main__":
    main()
