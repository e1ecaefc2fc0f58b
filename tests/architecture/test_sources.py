"""House rules that can be read off the sources: sizes, first lines, independence of page types."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PACKAGES = ("cms", "sites", "search", "tests")
MAX_LINES = 400
MAX_MIGRATION_BYTES = 300_000
PAGE_TYPES = TOP / "cms" / "pages" / "models"
# Modules that the page types share, and may therefore import from their neighbours.
SHARED_MODELS = {"__init__", "base", "organisation", "person", "copy_origin"}


def sources() -> list[Path]:
    return [TOP / "manage.py", *(path for name in PACKAGES for path in sorted((TOP / name).rglob("*.py")))]


def modules() -> list[Path]:
    return [path for path in sources() if path.parent.name != "migrations"]


def name(path: Path) -> str:
    return str(path.relative_to(TOP))


def project_files() -> list[Path]:
    """Every text file of the project, without what the targets make."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git work tree: what belongs to the project is not known")
    return [path for entry in listing.stdout.split("\0") if entry and (path := TOP / entry).is_file()]


def test_no_module_is_over_400_lines():
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}

    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def imported_packages(tree: ast.AST) -> set[str]:
    """Return the names of the top-level packages that a module imports by absolute names when it runs."""
    names: set[str] = set()
    pending = [tree]
    while pending:
        node = pending.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=others):
                pending += others
                continue
            case ast.Import(names=aliases):
                names |= {alias.name for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module)
        pending += ast.iter_child_nodes(node)
    return {name.partition(".")[0] for name in names}


def test_every_imported_package_is_declared():
    """A package that only another package requires may disappear with its next release."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = {*PACKAGES, "manage", *sys.stdlib_module_names}
    distributions = importlib.metadata.packages_distributions()

    def declared(requirements: list[str]) -> set[str]:
        return {re.split(r"[^\w.-]", text)[0].lower().replace("_", "-") for text in requirements}

    undeclared = set()
    for path in modules():
        wanted = declared(project["dependencies"])
        if name(path).startswith("tests/"):
            wanted |= declared(project["optional-dependencies"]["dev"])
        for package in imported_packages(ast.parse(path.read_text(encoding="utf-8"))) - own:
            providers = {each.lower().replace("_", "-") for each in distributions.get(package, [])}
            if not providers & wanted:
                undeclared.add((name(path), package))
    assert undeclared == set()


def test_every_module_says_in_its_first_line_what_it_does():
    silent = []
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not (ast.get_docstring(tree) or "").split("\n")[0].strip():
            silent.append(name(path))

    assert silent == []


def test_migrations_are_small():
    weights = [path.stat().st_size for path in sources() if path.parent.name == "migrations"]

    assert sum(weights) < MAX_MIGRATION_BYTES


def test_locale_does_not_shadow_the_standard_library():
    assert not (TOP / "locale" / "__init__.py").exists()


def test_no_room_for_everything():
    catch_all = re.compile(r"(utils?|helpers?|common|misc|core)(\.py)?")

    assert [name(path) for path in sources() if any(map(catch_all.fullmatch, path.relative_to(TOP).parts))] == []


def days_read_at_import(path: Path) -> list[int]:
    """Return the lines of a module that ask for the current day while it is imported."""
    lines: list[int] = []

    def visit(node: ast.AST) -> None:
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and called.attr in {"localdate", "today"}:
            lines.append(called.lineno)
        for field, value in ast.iter_fields(node):
            if field == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue  # Runs later. The decorators and the defaults of the arguments run at the import.
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return lines


def test_no_module_keeps_the_day_of_its_import():
    assert {name(path): lines for path in modules() if (lines := days_read_at_import(path))} == {}, (
        "a process, or a run of the tests, may live past midnight"
    )


def imported_neighbours(path: Path) -> set[str]:
    """Names of the modules of `cms.pages.models` that the module at `path` imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = "cms.pages.models" if node.level == 1 else "cms.pages" if node.level == 2 else ""
            origin = ".".join(filter(None, [package, node.module]))
            found |= {origin, *(f"{origin}.{alias.name}" for alias in node.names)}
    prefix = "cms.pages.models."
    inside = {module.removeprefix(prefix).split(".")[0] for module in found if module.startswith(prefix)}
    return inside & {neighbour.stem for neighbour in PAGE_TYPES.glob("*.py")}


def test_html_is_reduced_to_text_by_functions_that_never_raise():
    """`strip_tags` and `html.unescape` raise for some texts, which would stop the index or a screen."""
    refused = re.compile(r"\bstrip_tags\b|\bhtml\.unescape\b|from html import .*\bunescape\b|\bstriptags\b")
    templates = [path for package in ("cms", "search", "sites") for path in (TOP / package).rglob("*.html")]
    code = [path for path in modules() if name(path).split("/")[0] != "tests"]
    found = {name(path) for path in (*code, *templates) if refused.search(path.read_text(encoding="utf-8"))}

    assert found == {"sites/html_text.py"}


def test_no_page_type_imports_another():
    offenders = {
        path.stem: sorted(others)
        for path in PAGE_TYPES.glob("*.py")
        if path.stem != "__init__" and (others := imported_neighbours(path) - SHARED_MODELS)
    }

    assert offenders == {}


def test_only_ci_looks_outside_the_repository():
    outside = "../" + "shared"
    allowed = {TOP / ".ci" / "run"}
    readers = [name(path) for path in project_files() if path not in allowed and outside.encode() in path.read_bytes()]

    assert readers == []


def test_no_machine_path_is_written_down():
    machine_path = re.compile(rb"/(root|work)/|/home/[a-z]")
    this = Path(__file__).resolve()

    assert [name(path) for path in project_files() if path != this and machine_path.search(path.read_bytes())] == []


def test_commands_print_english():
    translating = [
        name(path)
        for path in modules()
        if path.parent.name == "commands" and "django.utils.translation" in path.read_text(encoding="utf-8")
    ]

    assert translating == []
