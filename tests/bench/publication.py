"""`make bench-publication`: counts the queries and the CPU time of publications, in a new database.

The database is SQLite in a temporary folder, or on the PostgreSQL server that DATABASE_URL names. The work that a
request leaves to the background runs in the same thread after it, and is counted apart.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .search import environment

LOCALES = ("fr", "en", "it", "es", "de")


@dataclass
class Measure:
    """Queries and seconds of CPU time."""

    queries: int = 0
    cpu: float = 0.0


@contextmanager
def measured() -> Iterator[Measure]:
    """Yield a measure that holds the queries and the CPU time of the block after its end."""
    from django.db import connection

    measure = Measure()

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        measure.queries += 1
        return execute(*arguments)

    start = time.process_time()
    with connection.execute_wrapper(count):
        yield measure
    measure.cpu = time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-publication", description=__doc__)
    parser.add_argument("--referrers", type=int, default=60)
    parser.add_argument("--descendants", type=int, default=2000)
    parser.add_argument("--images", type=int, default=400)
    options = parser.parse_args()
    with environment("bench_publication") as (name, variables):
        os.environ.clear()
        # Tasks only become rows of the queue, and what they do is measured apart.
        os.environ.update(variables | {"TASKS_BACKEND": "database"})
        import django

        django.setup()
        from .publication_scenarios import run

        print(f"{name}, Python {sys.version.split()[0]}")  # noqa: T201
        for line in run(options):
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
