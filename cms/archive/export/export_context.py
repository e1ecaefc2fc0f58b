"""What the parts of an export share: where rows go, what they refer to, and what the archive holds of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model
from wagtail.models import Collection, Page

from cms.archive.archive_file import ArchiveWriter, Row
from cms.archive.row_serialization import Names
from cms.archive.selection import Selection
from cms.archive.tables import Table
from sites.models import Department


class Gathering:
    """One export. `seen` collects, by model, what the rows refer to; `written` what they are; `counts` how many."""

    def __init__(self, department: Department, writer: ArchiveWriter) -> None:
        self.department = department
        self.writer = writer
        self.names = Names()
        self.selection = Selection(department)
        self.seen: defaultdict[type[Model], set[int]] = defaultdict(set)
        self.written: defaultdict[type[Model], set[int]] = defaultdict(set)
        self.counts: dict[str, int] = {}

    def visit(self, model: type[Model], pk: int) -> int:
        """Note a reference; the archive keeps this instance's keys. A collection is a place, not a reference."""
        if model is not Collection:
            self.seen[Page if issubclass(model, Page) else model].add(pk)
        return pk

    def write(self, table: Table, rows: Iterable[Row]) -> None:
        """Write the file of a table."""
        self.counts[table.file] = self.writer.write_rows(table.file, rows)
