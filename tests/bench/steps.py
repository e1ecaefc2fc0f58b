"""The steps of a benchmark, each in a process of its own, so that its memory is its own: `steps STEP OPTIONS`.

The last line of the output is the result as JSON. `tests.bench.search` starts the steps one after another.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import django
from tqdm import tqdm

from . import limits

MEGABYTE = 1 << 20
SUGGESTIONS = 8
WARMING_UP = 10  # questions


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
    """Make the tables and the departments."""
    from django.core.management import call_command

    from .fixture_data import make_departments

    call_command("migrate", verbosity=0)
    make_departments()
    return {}


def grow(options: argparse.Namespace) -> Result:
    """Bring the database to the size asked for."""
    from . import fixture_data

    with tqdm(unit="document", desc="write documents") as progress:
        fixture_data.grow(options.documents, progress.update)
    return {}


def rebuild(options: argparse.Namespace) -> Result:
    """Make an index from the whole feed beside the one of the size before, compare the two, and let it answer."""
    from search.indexing.rebuild import rebuild as make_anew

    started = indexed = time.perf_counter()
    documents = 0
    with tqdm(unit="document", desc="index", total=options.documents) as progress:

        def count(number: int) -> None:
            nonlocal documents, indexed
            documents, indexed = documents + number, time.perf_counter()
            progress.update(number)

        make_anew(progress=count)
    return {"seconds": time.perf_counter() - started, "rate": documents / (indexed - started)}


def ask(options: argparse.Namespace) -> Result:
    """Search as the API does: facets, fragments, and the cards of what the database still says is public."""
    from search.results import run_search

    from .questions import Question, questions

    def answer(question: Question) -> int:
        return run_search(question.query, highlight=True).answer.count

    return _measured(questions(options.repetitions), answer) | _completions(options)


def _completions(options: argparse.Namespace) -> Result:
    from django.test import Client

    from .questions import beginnings

    client = Client()

    def complete(asked: tuple[str, str]) -> int:
        answer = client.get("/api/v1/search/suggest/", {"q": asked[0], "locale": asked[1]})
        return len(answer.json()["results"])

    return {"suggest": _times(beginnings(options.repetitions), complete)[0]}


def remove(_options: argparse.Namespace) -> Result:
    """Remove every index."""
    from search.engines import index_store

    indexes = index_store()
    for name in indexes.names():
        indexes.remove(name)
    return {}


def index_wagtail(_options: argparse.Namespace) -> Result:
    """Make the index of Wagtail's own search."""
    from . import fixture_data

    with tqdm(unit="page", desc="index") as progress:
        return _rate(lambda: fixture_data.index_for_wagtail(progress.update))


def ask_wagtail(options: argparse.Namespace) -> Result:
    """Ask Wagtail's database search for what it can do of the same: a page of hits, their number, two facets."""
    from .questions import beginnings, questions
    from .reference import complete, find

    times, _found = _times(beginnings(options.repetitions), lambda asked: complete(asked[0], asked[1], SUGGESTIONS))
    return _measured(questions(options.repetitions), find) | {"suggest": times}


def _rate(work: Callable[[], int]) -> Result:
    started = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - started
    return {"documents": done, "seconds": seconds, "rate": done / seconds}


def _measured(asked: Sequence[Any], answer: Callable[[Any], int]) -> Result:
    """Return the seconds of each question, in all and by kind, how many there were and how many found nothing."""
    times, found = _times(asked, answer)
    kinds: defaultdict[str, list[float]] = defaultdict(list)
    for question, seconds in zip(asked, times, strict=False):
        kinds[question.kind].append(seconds)
    return {"search": times, "kinds": kinds, "nothing": found.count(0) / len(found), "asked": len(found)}


def _times(asked: Sequence[Any], answer: Callable[[Any], int]) -> tuple[list[float], list[int]]:
    """Ask everything, or as much as there is time for, after a part of it to warm up; return seconds and hits."""
    from .reference import TooSlow

    def hits(question: Any) -> int:
        try:
            return answer(question)
        except TooSlow:
            return -1

    for question in asked[:WARMING_UP]:
        hits(question)
    times: list[float] = []
    found: list[int] = []
    began = time.perf_counter()
    for question in tqdm(asked, unit="question", desc="ask"):
        started = time.perf_counter()
        if started - began > limits.QUESTIONS:
            break
        found.append(hits(question))
        times.append(time.perf_counter() - started)
    return times, found


STEPS: dict[str, Callable[[argparse.Namespace], Result]] = {
    "prepare": prepare,
    "grow": grow,
    "rebuild": rebuild,
    "ask": ask,
    "remove": remove,
    "index-wagtail": index_wagtail,
    "ask-wagtail": ask_wagtail,
}

if __name__ == "__main__":
    main()
