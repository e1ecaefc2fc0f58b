"""The documents name commands, targets, files, settings and headings that exist; each decision has its three parts."""

import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.conftest import SLOW_FILES

pytestmark = pytest.mark.embedded

TOP = Path(__file__).resolve().parents[2]
DECISIONS = sorted((TOP / "docs" / "decisions").glob("*.md"))
# The change log also describes what was removed.
DOCUMENTS = [path for path in [*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")] if path.name != "CHANGELOG.md"]
SOURCES = [path for package in ("cms", "sites", "search", "tests") for path in (TOP / package).rglob("*.py")]
PATH = r"`((?:cms|sites|search|tests|docs|locale|\.ci)/[\w./-]+)`"
# Paths below tests/, URLs of the API, and the files of the examples of CONTRIBUTING.md and languages.md.
OTHER_PATHS = re.compile(
    r"(sites|search)/([\w/]+/)?test_\w+\.py|search/(suggest|capabilities)/|.*(job_offer\b|/sv\b|/questions\b).*"
)
MODULE = r"`((?:cms|sites|search)\.[a-z_.]+[a-z_])(?:\.[A-Z]\w*|\(\w*\))?`"
SETTING = r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`"
LINK = r"\]\((?!\w+://|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)"


def found(pattern, documents=DOCUMENTS):
    """Return (document, match) for each match of a pattern; the first group if there is one."""
    pattern = re.compile(pattern, re.MULTILINE)
    return [(path, match) for path in documents for match in pattern.findall(path.read_text(encoding="utf-8"))]


def missing(pairs, exists):
    return [f"{path.relative_to(TOP)}: {name}" for path, name in pairs if not exists(name)]


def test_commands_exist():
    commands = found(r"manage\.py ([a-z]\w+)")
    assert len(commands) > 50
    assert missing(commands, get_commands().__contains__) == []


def test_targets_of_make_exist():
    targets = set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(), re.MULTILINE))
    named = found(r"(?:^|`)make ([a-z][a-z-]+)(?![\w/.-])")
    assert len(named) > 20
    assert missing(named, targets.__contains__) == []


def test_files_and_folders_exist():
    named = [(path, name) for path, name in found(PATH) if not OTHER_PATHS.fullmatch(name)]
    assert len(named) > 100
    assert missing(named, lambda name: (TOP / name).exists()) == []


def test_files_that_sources_name_exist():
    named = found(r"(?<![\w/.])((?:tests|docs)/[\w/.-]+\.(?:py|md))\b", SOURCES)
    assert len(named) > 50
    assert missing(named, lambda name: (TOP / name).exists()) == []


def test_the_files_of_tests_that_start_first_exist():
    tests = Path(__file__).parents[1]
    assert [name for name in SLOW_FILES if not (tests / name).is_file()] == []


def test_modules_exist():
    def exists(name):
        """Return True for a package, a module, or a name in a module."""
        path = TOP.joinpath(*name.split("."))
        module = path.parent.with_suffix(".py")
        is_name = module.exists() and re.search(rf"\b{path.name}\b", module.read_text(encoding="utf-8"))
        return path.is_dir() or path.with_suffix(".py").exists() or bool(is_name)

    rules = re.findall(r'"(\w+\.\w+)":', (TOP / "cms" / "settings" / "default_rate_limits.py").read_text())
    named = [(path, name) for path, name in found(MODULE) if name not in rules]
    assert len(named) > 40
    assert missing(named, exists) == []


def test_settings_exist():
    sources = [TOP / "Makefile", TOP / ".ci" / "run", *SOURCES]
    words = set(re.findall(r"\w+", "\n".join(path.read_text(encoding="utf-8") for path in sources)))
    named = found(SETTING, [path for path in DOCUMENTS if path not in DECISIONS])
    assert len(named) > 100
    assert missing(named, lambda name: name in words or name.removesuffix("_FILE") in words) == []


def test_links_lead_to_files_and_headings():
    broken = []
    for path, (target, anchor) in found(LINK):
        file = path.parent / target if target else path
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE) if anchor else []
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        if not file.exists() or (anchor and anchor not in anchors):
            broken.append(f"{path.relative_to(TOP)}: {target}#{anchor}")
    assert broken == []


def test_the_architecture_names_the_layers_of_the_contract():
    contracts = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    layers = " > ".join(contracts[0]["layers"])
    assert f"`{layers}`" in (TOP / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_decisions_are_numbered_without_gaps_and_have_three_parts():
    assert [path.name[:4] for path in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith(f"# {int(path.name[:4])}. "), path.name
        headings = [line for line in lines if line.startswith("## ")]
        assert headings == ["## Context", "## Decision", "## Consequences"], path.name
        assert len(lines) >= 10, path.name
        assert len(list(filter(None, lines))) <= 20, path.name
