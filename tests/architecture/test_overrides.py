"""Each module of an `overrides` package states what a maintainer needs to know when upstream changes."""

import ast
import importlib.util
import re
from itertools import chain
from pathlib import Path

import pytest

pytestmark = pytest.mark.embedded

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


UPSTREAM = (
    "csp", "django", "django_filters", "django_tasks", "django_tasks_db", "modelcluster", "modelsearch",
    "rest_framework", "taggit", "treebeard", "wagtail", "wagtail_localize",
)  # fmt: skip
# Django documents `_meta`, `_default_manager`, `_base_manager` and `_state`; `_replace` is a method of named tuples.
DOCUMENTED = {"_meta", "_default_manager", "_base_manager", "_state", "_replace"}


def private_names_of(package):
    folder = Path(importlib.util.find_spec(package).origin).parent
    for path in folder.rglob("*.py"):
        if not {"tests", "migrations", "locale"} & set(path.relative_to(folder).parts):
            yield from re.findall(r"(?<=\.)_[a-z]\w*|(?<=\bdef )_[a-z]\w*", path.read_text(encoding="utf-8"))


def own_names(tree):
    """Yield the private names that a module defines: functions, classes, fields, and attributes of `self`."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.Attribute(attr=name, value=ast.Name(id="self" | "cls"), ctx=ast.Store()):
                yield name


def used_names(tree):
    """Yield (line, name) of private attributes, also of those that `getattr` and its like name in a string."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.Call(
                func=ast.Name(id="getattr" | "hasattr" | "setattr"), args=[_, ast.Constant(value=str(name)), *_]
            ):
                yield node.lineno, name


def test_private_attributes_of_upstream_are_used_in_overrides_only():
    """A private name of a package that the module does not define itself may change with every release."""
    upstream = set(chain.from_iterable(map(private_names_of, UPSTREAM))) - DOCUMENTED
    assert {"_committed", "_has_been_logged", "_extract_references_from_object"} <= upstream
    found = []
    for path in chain.from_iterable(sorted((ROOT / package).rglob("*.py")) for package in ("cms", "sites", "search")):
        if "overrides" in path.parts or "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        private = upstream - set(own_names(tree))
        found += [f"{path.relative_to(ROOT)}:{line} {name}" for line, name in used_names(tree) if name in private]
    assert found == []
