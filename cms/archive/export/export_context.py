"""The state that the parts of an export share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Model
from wagtail.models import Collection, Page

from cms.archive.archive_file import ArchiveWriter, JsonObject
from cms.archive.row_serialization import NaturalKeys
from cms.archive.selection import DepartmentSelection
from cms.archive.tables import Table
from sites.models import Department


class ExportContext:
    """The state of one export.

    `referenced_ids` and `exported_ids` hold primary keys by model, `counts` the number of rows by file.
    """

    def __init__(self, department: Department, writer: ArchiveWriter) -> None:
        self.department = department
        self.writer = writer
        self.natural_keys = NaturalKeys()
        self.selection = DepartmentSelection(department)
        self.referenced_ids: defaultdict[type[Model], set[int]] = defaultdict(set)
        self.exported_ids: defaultdict[type[Model], set[int]] = defaultdict(set)
        self.counts: dict[str, int] = {}

    def record_reference(self, model: type[Model], pk: int) -> int:
        """Record a reference and return its primary key unchanged. Collections are not recorded."""
        if model is not Collection:
            self.referenced_ids[Page if issubclass(model, Page) else model].add(pk)
        return pk

    def write_table(self, table: Table, rows: Iterable[JsonObject]) -> None:
        """Write the file of a table and count its rows."""
        self.counts[table.file] = self.writer.write_rows(table.file, rows)
