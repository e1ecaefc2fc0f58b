"""`make bench-search`: measures both engines and Wagtail's own search on the same documents, in a new database.

The database is SQLite in a temporary folder, or on the PostgreSQL server that DATABASE_URL names. Elasticsearch is
measured if ELASTICSEARCH_URL is set. The database, folder and indexes are removed at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from . import report

ROOT = Path(__file__).parents[2]
SIZES = [20_000, 100_000]
REPETITIONS = 8
# Sizes are multiples of this number: a group of five contents in several languages has ten documents.
STEP_OF_SIZE = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    parser.add_argument("--documents", type=_size, nargs="+", default=SIZES, help="sizes, the smallest first")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="queries of each kind and language")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args()
    with ExitStack() as stack:
        database, variables = stack.enter_context(environment("bench_search"))
        tables = report.report(_measure(options, variables, stack), database)
        # Printed before the indexes are removed, which fails if the cluster is unavailable.
        print(tables)  # noqa: T201
        if options.write:
            report.write(tables, database)


def _measure(options: argparse.Namespace, environment: dict[str, str], stack: ExitStack) -> report.Results:
    engines = {"embedded": environment | {"SEARCH_ENGINE": "embedded"}}
    if url := os.environ.get("ELASTICSEARCH_URL"):
        prefix = f"bench-{uuid.uuid4().hex[:12]}"
        engines["elasticsearch"] = environment | {
            "SEARCH_ENGINE": "elasticsearch",
            "ELASTICSEARCH_URL": url,
            "ELASTICSEARCH_PREFIX": prefix,
        }
        stack.callback(_step, "remove", 0, options, engines["elasticsearch"])
    results: report.Results = {}
    _step("prepare", 10, options, environment)
    for size in sorted(options.documents):
        _step("grow", size, options, environment)
        indexed = _step("index-wagtail", size, options, environment)
        searched = _step("run-wagtail-queries", size, options, environment)
        results["wagtail", size] = _joined(indexed, searched)
        for engine, own in list(engines.items()):
            try:
                rebuilt = _step("rebuild", size, options, own)
                searched = _step("run-queries", size, options, own)
            except subprocess.CalledProcessError:
                # The results of the other engines are kept: they took many minutes.
                print(f"{engine} is left out: it failed", file=sys.stderr)  # noqa: T201
                del engines[engine]
                results = {key: value for key, value in results.items() if key[0] != engine}
                continue
            results[engine, size] = _joined(rebuilt, searched) | {"rebuild": rebuilt["seconds"]}
    return results


def _joined(indexed: dict[str, Any], searched: dict[str, Any]) -> dict[str, Any]:
    return searched | {"rate": indexed["rate"], "index_memory": indexed["memory"]}


def _step(name: str, size: int, options: argparse.Namespace, environment: dict[str, str]) -> dict[str, Any]:
    """Run a step in a new process and return its result."""
    print(f"{name} ({size:,} documents, {environment.get('SEARCH_ENGINE', 'database')})", file=sys.stderr)  # noqa: T201
    command = [sys.executable, "-m", "tests.bench.steps", name]
    command += ["--documents", str(size), "--repetitions", str(options.repetitions)]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextmanager
def environment(prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the name of the database and the environment variables of the steps, with a new folder and database."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder, _database(prefix) as (name, url):
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
        own = {"DATA_DIR": folder, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cms.settings.base"}
        quiet = {"SEARCH_UPDATES": "command", "LOG_LEVEL": "WARNING", "ALLOWED_HOSTS": "testserver"}
        yield name, kept | own | quiet


@contextmanager
def _database(prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the name of the database and its URL: "" for SQLite, else the URL of a new PostgreSQL database."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield "SQLite", ""
        return
    name = f"{prefix}_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield (
                f"PostgreSQL {server.info.server_version // 10000}",
                urlsplit(url)._replace(path=f"/{name}").geturl(),
            )
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _size(value: str) -> int:
    size = int(value)
    if size <= 0 or size % STEP_OF_SIZE:
        raise argparse.ArgumentTypeError(f"{value} is not a multiple of {STEP_OF_SIZE}")
    return size


if __name__ == "__main__":
    main()
