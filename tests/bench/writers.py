"""`make bench-writers`: publishers change pages through the admin at the same time, on servers of their own.

The database is new: SQLite in a temporary folder, or on the PostgreSQL server that DATABASE_URL names. Two publishers
share each department. They create, edit, publish, move, copy and delete pages, one operation after another, over HTTP.
The exit status is 1 if one of them saw an error, or if the tree or the published documents are wrong at the end.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from .publisher_at_work import Publisher
from .search import environment
from .servers import server

REPEATED = "ended with a collision and is repeated"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-writers", description=__doc__)
    parser.add_argument("--publishers", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--servers", type=int, default=2, help="processes, each with threads of its own")
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two requests of a publisher")
    options = parser.parse_args()
    with ExitStack() as stack:
        name, variables = stack.enter_context(environment("bench_writers"))
        variables |= {"ALLOWED_HOSTS": "127.0.0.1", "SEARCH_UPDATES": "task"}
        variables["RATE_LIMITS"] = "admin_costly.account=off, admin_save.account=off"
        os.environ.clear()
        os.environ.update(variables)
        import django

        django.setup()
        from .writers_database import prepare, problems

        assignments = prepare(options.publishers)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "servers.log"
        ports = [stack.enter_context(server(variables | {"LOG_LEVEL": "INFO"}, log)) for _ in range(options.servers)]
        publishers = [
            Publisher(ports[number % len(ports)], assignment, options.pause)
            for number, assignment in enumerate(assignments)
        ]
        _work(publishers, options.seconds)
        found = problems()
        lines = log.read_text(encoding="utf-8").splitlines()
        is_good = _report(name, publishers, options, [line for line in lines if REPEATED in line])
        for problem in found:
            print(problem)  # noqa: T201
        if not is_good:
            _print_tracebacks(lines)
    sys.exit(0 if is_good and not found else 1)


def _work(publishers: list[Publisher], seconds: int) -> None:
    """Let all publishers work at the same time until the time is over."""
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=publisher.work_until, args=(end,)) for publisher in publishers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _report(name: str, publishers: list[Publisher], options: argparse.Namespace, repeated: list[str]) -> bool:
    """Print what happened; return True if nobody saw an error."""
    operations = sum((publisher.operations for publisher in publishers), Counter[str]())
    durations = sorted(duration for publisher in publishers for duration in publisher.durations)
    errors = [error for publisher in publishers for error in publisher.errors]
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(operations.items()))
    print(f"{name}, {options.publishers} publishers, {options.servers} servers, {options.seconds} s")  # noqa: T201
    print(f"operations: {operations.total()} ({kinds})")  # noqa: T201
    print(f"requests: {len(durations)}, slowest {durations[-1]:.1f} s, median {durations[len(durations) // 2]:.2f} s")  # noqa: T201
    print(f"answers 5xx: {sum(error.status >= 500 for error in errors)}")  # noqa: T201
    print(f"visible errors: {len(errors)}")  # noqa: T201
    print(f"repeated requests: {len(repeated)}")  # noqa: T201
    for error in errors:
        print(f"  {error.operation}: {error.status} after {error.seconds:.1f} s {error.text}")  # noqa: T201
    return not errors and bool(operations)


def _print_tracebacks(lines: list[str]) -> None:
    """Print what the servers wrote about errors."""
    for number, line in enumerate(lines):
        if "ERROR" in line or line.startswith("Traceback"):
            print("\n".join(lines[number : number + 60]))  # noqa: T201
            print("…")  # noqa: T201


if __name__ == "__main__":
    main()
