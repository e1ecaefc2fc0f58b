"""Plain text of XLSX files: the texts of the cells that a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .columns import HiddenColumns, column_number
from .office_documents import SLIDE, Rules, TextReader, graphics, name_of
from .office_package import Package, related_member

CELL_TEXT = Rules(texts=frozenset(("x:t",)), separators={}, paragraphs=frozenset(), skipped=frozenset(("x:rPh",)))
# Characters of a cell, by the specification of Excel.
MAX_CELL = 32_767
# How spreadsheets write characters that XML does not have.
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def xlsx(data: bytes) -> Iterator[str]:
    """Yield the texts of the cells of each visible sheet, row by row. Numbers and dates are not words."""
    package = Package(data)
    main = package.main()
    related = package.related(main)
    shared: list[str] = []
    for member in package.members(main, "sharedStrings"):
        shared = [TextReader(CELL_TEXT).read(each)[:MAX_CELL] for each in package.tree(member)]
    read: set[str] = set()
    for sheet in package.tree(main).iter():
        if name_of(sheet) == "x:sheet" and sheet.get("state") not in ("hidden", "veryHidden"):
            member = related_member(sheet, related)
            if package.has(member) and member not in read:
                read.add(member)
                yield f"{sheet.get('name', '')}\n"
                yield from _cells(package.tree(member), shared)
                for drawing in package.members(member, "drawing"):
                    reader, tree = TextReader(SLIDE), package.tree(drawing)
                    yield reader.read(tree) + "\n"
                    yield from graphics(package, drawing, tree, reader.shown)


def _cells(sheet: Any, shared: list[str]) -> Iterator[str]:
    """Yield the texts of the cells in visible rows and columns, with a line for each row."""
    columns = [each for each in sheet.iter() if name_of(each) == "x:col" and _is_hidden(each)]
    hidden = HiddenColumns((_number(each, "min"), _number(each, "max") + 1) for each in columns)
    for row in sheet.iter():
        if name_of(row) == "x:row" and not _is_hidden(row):
            column = 0
            for cell in row:
                # A cell without a reference follows the one before it.
                column = column_number(cell.get("r", "")) or column + 1
                if not hidden.contain(column, column + 1):
                    yield f"{_cell_text(cell, shared)} "
            yield "\n"


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") in ("1", "true")


def _number(element: Any, name: str) -> int:
    value = element.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0


def _cell_text(cell: Any, shared: list[str]) -> str:
    """Return the text of a cell of a spreadsheet, "" for a number."""
    kind = cell.get("t")
    if kind == "inlineStr":
        return _unescaped(TextReader(CELL_TEXT).read(cell))
    value = next((child.text or "" for child in cell if name_of(child) == "x:v"), "")
    if kind == "s":
        return _unescaped(shared[int(value)]) if value.isdecimal() and int(value) < len(shared) else ""
    return _unescaped(value) if kind == "str" else ""


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
