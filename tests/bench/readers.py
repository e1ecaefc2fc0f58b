"""`make bench-readers`: readers search at the same time while the index is rebuilt, on servers of their own.

The engine is the embedded one, or Elasticsearch at ELASTICSEARCH_URL; the database is new: SQLite in a temporary
folder, or on the PostgreSQL server that DATABASE_URL names. Each reader sends one search after another over HTTP, and
every fourth one asks for completions. After a third of the time `search_rebuild` makes a new index. The exit status is
1 if an answer is no 200, is partial or differs in its number of results from the answer before the load, or if the
rebuild fails.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS

from .search import ROOT, environment
from .servers import server

TIMEOUT = 60
COMPLETIONS = 4  # Every fourth request of a reader.


@dataclass
class Reader:
    """Sends searches and keeps what was wrong. `counts` has the right number of results by URL."""

    port: int
    counts: dict[str, int]
    random: random.Random
    durations: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def read_until(self, end: float) -> None:
        """Send one request after another until the time of the monotonic clock."""
        urls = sorted(self.counts)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        while time.monotonic() < end:
            url = self.random.choice(urls)
            if len(self.durations) % COMPLETIONS == COMPLETIONS - 1:
                url = _completions(url)
            begun = time.monotonic()
            try:
                problem = self._problem(url, *get(connection, url))
            except (OSError, HTTPException) as error:
                problem = f"no answer: {type(error).__name__}"
                connection.close()
            self.durations.append(time.monotonic() - begun)
            if problem:
                self.errors.append(f"{url}: {problem} after {self.durations[-1]:.1f} s")
        connection.close()

    def _problem(self, url: str, status: int, answer: dict) -> str:
        if status != 200:
            return f"{status} {answer.get('detail', '')}"
        if answer["partial"]:
            return "partial"
        if url in self.counts and answer["count"] != self.counts[url]:
            return f"{answer['count']} results instead of {self.counts[url]}"
        return ""


def _completions(url: str) -> str:
    """Return the URL that completes the words of a search."""
    query = parse_qs(urlsplit(url).query)
    return "/api/v1/search/suggest/?" + urlencode({"q": query["q"][0], "locale": query.get("locale", ["fr"])[0]})


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-readers", description=__doc__)
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--servers", type=int, default=2, help="processes, each with threads of its own")
    parser.add_argument("--documents", type=int, default=5_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        database, variables = stack.enter_context(environment("bench_readers"))
        # All readers have one address. Limits that are added later must not end the measurement either.
        unlimited = ",".join(f"{rule}=off" for rule in DEFAULT_RATE_LIMITS)
        variables |= {"ALLOWED_HOSTS": "127.0.0.1", "RATE_LIMITS": unlimited}
        engine = "embedded"
        if url := os.environ.get("ELASTICSEARCH_URL"):
            engine, prefix = "elasticsearch", f"bench-{uuid.uuid4().hex[:12]}"
            variables |= {"SEARCH_ENGINE": engine, "ELASTICSEARCH_URL": url, "ELASTICSEARCH_PREFIX": prefix}
            stack.callback(_step, "remove", options, variables)
        os.environ.clear()
        os.environ.update(variables)
        import django

        django.setup()
        for step in ("prepare", "grow", "rebuild"):
            _step(step, options, variables)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "servers.log"
        ports = [stack.enter_context(server(variables, log)) for _ in range(options.servers)]
        counts = _counts(ports[0])
        readers = [
            Reader(ports[number % len(ports)], counts, random.Random(number)) for number in range(options.readers)
        ]
        problems = _read(readers, options, variables)
        load = f"{options.documents} documents, {options.readers} readers, {options.seconds} s"
        print(f"{engine} on {database}, {load}")  # noqa: T201
        is_good = _report(readers, problems)
    sys.exit(0 if is_good else 1)


def get(connection: HTTPConnection, url: str) -> tuple[int, dict]:
    """Return the status and the JSON of an answer."""
    connection.request("GET", url, headers={"Accept": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def _counts(port: int) -> dict[str, int]:
    """Return the number of results of each benchmark query by its URL, while nobody else searches."""
    from .queries import benchmark_queries

    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    counts = {}
    for query in benchmark_queries(2):
        values = {"q": query.text, "department": query.department, "type": query.type, "locale": query.locale}
        url = "/api/v1/search/?" + urlencode({name: value for name, value in values.items() if value})
        status, answer = get(connection, url)
        if status != 200 or answer["partial"]:
            raise RuntimeError(f"{url}: {status} {answer}")
        counts[url] = answer["count"]
    connection.close()
    return counts


def _read(readers: list[Reader], options: argparse.Namespace, variables: dict[str, str]) -> list[str]:
    """Let all readers search while the index is rebuilt; return what was wrong with the rebuild."""
    end = time.monotonic() + options.seconds
    threads = [threading.Thread(target=reader.read_until, args=(end,)) for reader in readers]
    for thread in threads:
        thread.start()
    time.sleep(options.seconds / 3)
    begun = time.monotonic()
    command = [sys.executable, "manage.py", "search_rebuild", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    print(f"rebuild: {time.monotonic() - begun:.0f} s, exit status {done.returncode}")  # noqa: T201
    for thread in threads:
        thread.join()
    return [done.stderr] if done.returncode else []


def _report(readers: list[Reader], problems: list[str]) -> bool:
    """Print what happened; return True if every answer was complete and right."""
    durations = sorted(duration for reader in readers for duration in reader.durations)
    errors = [error for reader in readers for error in reader.errors]
    slow = durations[int(len(durations) * 0.95)]
    print(f"answers: {len(durations)}, median {durations[len(durations) // 2]:.2f} s, p95 {slow:.2f} s")  # noqa: T201
    print(f"errors: {len(errors)}")  # noqa: T201
    for line in (*problems, *errors[:20]):
        print(f"  {line}")  # noqa: T201
    return not errors and not problems


def _step(name: str, options: argparse.Namespace, variables: dict[str, str]) -> None:
    command = [sys.executable, "-m", "tests.bench.steps", name, "--documents", str(options.documents)]
    subprocess.run([*command, "--repetitions", "1"], cwd=ROOT, env=variables, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
