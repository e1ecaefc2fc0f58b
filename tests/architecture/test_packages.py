"""Tests of the size of packages, the names of modules and the first words of docstrings."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    file
    for package in ("cms", "sites", "search")
    for file in (ROOT / package).rglob("*.py")
    if "migrations" not in file.parts and file.name != "__init__.py"
)
MAXIMUM_OF_MODULES = 12
# Names that Django, Wagtail or DRF give a meaning in every application.
CONVENTIONAL = {
    "apps.py", "base.py", "checks.py", "forms.py", "middleware.py", "models.py", "permissions.py", "signals.py",
    "tasks.py", "urls.py", "validators.py", "views.py", "wagtail_hooks.py",
}  # fmt: skip
# Packages with modules that correspond to each other: a model and its serializer or block, the two engines.
PARALLEL = [
    {"cms/pages/models", "cms/pages/serializers", "cms/blocks"},
    {"cms/media/models", "cms/delivery/models", "cms/blocks"},
    {"search/engines/embedded", "search/engines/elasticsearch"},
]
RIDDLE = re.compile(r"What\b|Whether\b|How\b|Where\b|Whose?\b|That which\b")


def package_of(file):
    return file.parent.relative_to(ROOT).as_posix()


@pytest.mark.embedded
def test_no_package_has_more_modules_than_a_reader_can_survey():
    modules = defaultdict(list)
    for file in MODULES:
        modules[package_of(file)].append(file.name)

    # A command is one module, and no module imports another one.
    sizes = {name: len(files) for name, files in modules.items() if not name.endswith("management/commands")}
    assert {name: size for name, size in sizes.items() if size > MAXIMUM_OF_MODULES} == {}


@pytest.mark.embedded
def test_modules_of_different_packages_have_different_names():
    packages = defaultdict(set)
    for file in MODULES:
        if file.name not in CONVENTIONAL:
            packages[file.name].add(package_of(file))

    shared = {name: folders for name, folders in packages.items() if len(folders) > 1}
    assert {name: folders for name, folders in shared.items() if not any(folders <= pair for pair in PARALLEL)} == {}


@pytest.mark.embedded
@pytest.mark.parametrize("package", ["cms", "sites", "search", "tests"])
def test_docstrings_are_no_questions(package):
    found = []
    for file in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node) or ""
                if RIDDLE.match(docstring.partition("\n")[0]):
                    found.append(f"{file.relative_to(ROOT)}: {docstring.partition(chr(10))[0]}")
    assert found == []
