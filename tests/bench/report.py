"""Writes the results of a benchmark as tables into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import limits

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured on {}: begin -->", "<!-- measured on {}: end -->"
NAMES = {"embedded": "embedded", "elasticsearch": "Elasticsearch", "wagtail": "Wagtail’s own"}

# By engine and size: the results of the steps that index and that run the queries.
Results = dict[tuple[str, int], dict[str, Any]]


def report(results: Results, database: str) -> str:
    """Return the tables, in Markdown."""
    sizes = sorted({size for _engine, size in results})
    engines = [engine for engine in NAMES if (engine, sizes[0]) in results]
    parts = [_machine(database)]
    for size in sizes:
        parts += [f"### {size:,} documents", _table(results, engines, size), _kinds(results, engines, size)]
    if len(sizes) > 1:
        parts += [f"### From {sizes[0]:,} to {sizes[-1]:,} documents", _growth(results, engines, sizes[0], sizes[-1])]
    return "\n\n".join(parts)


def write(tables: str, database: str) -> None:
    """Replace the tables between the markers of that database in docs/benchmarks.md."""
    begin, end = (mark.format(database.partition(" ")[0]) for mark in (BEGIN, END))
    before, _begin, rest = DOCUMENT.read_text(encoding="utf-8").partition(begin)
    _old, _end, after = rest.partition(end)
    DOCUMENT.write_text(f"{before}{begin}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


def percentile(seconds: Sequence[float], share: int) -> float:
    """Return a percentile in milliseconds, for example the 95th for `share` 95."""
    if len(seconds) == 1:  # A slow search may run a single query of a kind in its time.
        return seconds[0] * 1000
    return statistics.quantiles(seconds, n=100, method="inclusive")[share - 1] * 1000


def _machine(database: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, Python {platform.python_version()},"
        f" {database}; load of the machine in the last five minutes: {os.getloadavg()[1]:.1f}."
    )


def _table(results: Results, engines: list[str], size: int) -> str:
    rows = [
        ["search p50, ms", *_compared(results, engines, size, lambda each: percentile(each["search"], 50))],
        ["search p95, ms", *_compared(results, engines, size, lambda each: percentile(each["search"], 95))],
        ["suggest p50, ms", *_compared(results, engines, size, lambda each: percentile(each["suggest"], 50))],
        ["suggest p95, ms", *_compared(results, engines, size, lambda each: percentile(each["suggest"], 95))],
        ["queries run", *(str(results[each, size]["queries"]) for each in engines)],
        ["queries without hits", *(f"{results[each, size]['without_hits']:.0%}" for each in engines)],
        ["indexed, documents a second", *(f"{results[each, size]['rate']:,.0f}" for each in engines)],
        ["rebuild, seconds", *(_seconds(results[each, size].get("rebuild")) for each in engines)],
        ["peak memory while indexing, MB", *(f"{results[each, size]['index_memory']:.0f}" for each in engines)],
        ["peak memory while searching, MB", *(f"{results[each, size]['memory']:.0f}" for each in engines)],
    ]
    return _markdown(["", *(NAMES[each] for each in engines)], rows)


def _compared(results: Results, engines: list[str], size: int, value: Any) -> list[str]:
    """Return a value of each engine, with its ratio to that of Wagtail's own search in the same run."""
    reference = value(results["wagtail", size])
    is_stopped = reference >= limits.ONE_QUERY * 1000

    def cell(engine: str) -> str:
        own = value(results[engine, size])
        if engine == "wagtail":
            return f"> {limits.ONE_QUERY * 1000:.0f}" if is_stopped else f"{own:.1f}"
        return f"{own:.1f} ({'< ' if is_stopped else ''}{own / min(reference, limits.ONE_QUERY * 1000):.3f})"

    return [cell(engine) for engine in engines]


def _kinds(results: Results, engines: list[str], size: int) -> str:
    rows = [
        [kind, *_compared(results, engines, size, lambda each, kind=kind: percentile(each["kinds"][kind], 95))]
        for kind in results[engines[0], size]["kinds"]
        if all(kind in results[each, size]["kinds"] for each in engines)
    ]
    return _markdown(["search p95 by kind of query, ms", *(NAMES[each] for each in engines)], rows)


def _growth(results: Results, engines: list[str], small: int, large: int) -> str:
    def grown(name: str, share: int) -> list[str]:
        return [
            f"{percentile(results[each, large][name], share) / percentile(results[each, small][name], share):.2f}"
            for each in engines
        ]

    rows = [
        [f"{name} p{share} grows by a factor of", *grown(name, share)]
        for name in ("search", "suggest")
        for share in (50, 95)
    ]
    return _markdown(["", *(NAMES[each] for each in engines)], rows)


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *("---:" for _each in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
