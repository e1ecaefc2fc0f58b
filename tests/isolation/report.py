"""A pytest plugin that prints the matrix by role and writes all cells to build/isolation-matrix.csv.

Cells are stored in test reports, so the controller of several workers receives all of them.
"""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from typing import Any

CELLS = "isolation"
FILE = "build/isolation-matrix.csv"
COLUMNS = ("role", "surface", "endpoint", "relation", "method", "status", "verdict", "detail")
VERDICTS = ("refused", "answered", "read", "written", "not hidden", "error", "skipped")


def record(test: Any, cells: list[tuple]) -> None:
    """Attach cells of the matrix (rows of `COLUMNS`) to the report of a test."""
    test.user_properties.append((CELLS, json.dumps(cells)))


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    reports = [report for group in terminalreporter.stats.values() for report in group]
    # The report of the teardown repeats the properties of the call.
    calls = [report for report in reports if getattr(report, "when", "") == "call"]
    recorded = [dict(report.user_properties).get(CELLS) for report in calls]
    cells = sorted(cell for each in recorded if each for cell in json.loads(each))
    if not cells:
        return
    path = config.rootpath / FILE
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *cells])
    terminalreporter.section(f"isolation of departments ({FILE})")
    for line in table_of(cells):
        terminalreporter.line(line)


def table_of(cells: list[list]) -> list[str]:
    """Return a table with one line per role and relation, below a line of headings."""
    headings = ("role", "relation", "endpoints", "requests", *VERDICTS)
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for values in cells:
        cell = dict(zip(COLUMNS, values, strict=True))
        groups[cell["role"], cell["relation"]].append(cell)
    lines: list[tuple] = [headings]
    for (role, relation), group in groups.items():
        requested = [cell for cell in group if cell["method"]]
        counts = Counter(cell["verdict"] for cell in group)
        endpoints = {cell["endpoint"] for cell in requested}
        lines.append((role, relation, len(endpoints), len(requested), *(counts[verdict] for verdict in VERDICTS)))
    widths = [max(len(str(line[column])) for line in lines) for column in range(len(headings))]
    return ["  ".join(f"{value!s:<{width}}" for value, width in zip(line, widths, strict=True)) for line in lines]
