"""Tests of the size of packages, the names of modules and the first words of sentences."""

import ast
import re
import tomllib
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
QUESTION = re.compile(r"(What|Whether|How|Where|Whose?|That which)\b")
UNCLEAR_SUBJECT = re.compile(r"(What|Who)(ever)?\b")
# "# Of one request." above a constant has neither a subject nor a verb.
UNCLEAR_COMMENT = re.compile(r"\s*# (Of|What|Whatever|Who|Whoever|Whether|Which)\b")


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
def test_public_classes_of_different_modules_have_different_names():
    modules = defaultdict(set)
    for file in MODULES:
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                modules[node.name].add(file)

    shared = {
        name: files
        for name, files in modules.items()
        if len(files) > 1 and name != "Command" and not any({package_of(f) for f in files} <= pair for pair in PARALLEL)
    }
    assert shared == {}


@pytest.mark.embedded
def test_every_part_of_cms_has_its_layer():
    """import-linter finds missing layers in contracts of one package only: those of sites, search and archive."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {name for layer in contracts[0]["layers"] for name in layer.split(" | ")}
    parts = {
        f"cms.{path.stem}"
        for path in (ROOT / "cms").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    # A contract of its own keeps the settings apart.
    assert parts - {"cms.__init__", "cms.settings"} == {name for name in layers if name.startswith("cms.")}


@pytest.mark.embedded
@pytest.mark.parametrize("package", ["cms", "sites", "search", "tests"])
def test_sentences_have_a_plain_subject(package):
    """No docstring begins as a question, and no sentence of one with "What" or "Who" as its subject."""
    found = []
    for file in sorted((ROOT / package).rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node) or ""
                found += [
                    f"{file.relative_to(ROOT)}: {sentence}"
                    for sentence in re.split(r"(?<=[.:?])\s+", docstring)
                    if UNCLEAR_SUBJECT.match(sentence) or (docstring.startswith(sentence) and QUESTION.match(sentence))
                ]
        lines = [line.strip() for line in source.splitlines() if UNCLEAR_COMMENT.match(line)]
        found += [f"{file.relative_to(ROOT)}: {line}" for line in lines]
    assert found == []
