"""Each module of an `overrides` package states what a maintainer needs to know when upstream changes."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [
    path
    for package in ("cms", "sites", "search")
    for path in sorted(ROOT.joinpath(package).rglob("overrides/*.py"))
    if path.name != "__init__.py"
]
STATEMENTS = (
    "Replaces:",
    "Why no hook serves:",
    "Written for:",
    "Upstream issue:",
    "Test that fails when upstream changes:",
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_override_states_its_reason_version_issue_and_test(path):
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    positions = [docstring.find(f"\n{statement}") for statement in STATEMENTS]
    assert -1 not in positions
    assert positions == sorted(positions)
    test = re.search(r"Test that fails when upstream changes:\s+(tests/\S+\.py)", docstring)
    assert test
    assert ROOT.joinpath(test.group(1)).exists()
