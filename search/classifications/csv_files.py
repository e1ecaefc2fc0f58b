"""Reads an official CSV file by its column names and reports errors with line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from sites.validation.incoming_text import (
    CONTROL_CHARACTER,
    FIRST_C1,
    LAST_C1,
    is_utf_16_without_mark,
    probable_encoding,
)
from sites.validation.unreadable_files import reason_of

# Spreadsheets with French settings save with semicolons.
DELIMITERS = ",;\t|"


class ClassificationFileError(Exception):
    """Raised for an invalid file; the message names the file and, if known, the line and the column."""

    @classmethod
    def at(cls, file: str, line: int, column: str | int, reason: str) -> ClassificationFileError:
        """Return the error for a place in a file."""
        message = _("%(file)s, line %(line)s, column %(column)s: %(reason)s")
        return cls(message % {"file": file, "line": line, "column": column, "reason": reason})


@dataclass(frozen=True)
class CsvRecord:
    """A record of a file: the line on which it starts and its stripped values by column."""

    file: str
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the value of a column; "" if the file does not have the column."""
        return self.values.get(column, "")

    def error(self, column: str, reason: str) -> ClassificationFileError:
        """Return the error for a wrong value of this record."""
        return ClassificationFileError.at(self.file, self.line, column, reason)


@dataclass(frozen=True)
class CsvTable:
    """The content of a file: the names of its columns and at least one record."""

    columns: frozenset[str]
    records: list[CsvRecord]


def also_on_line(value: str, line: int) -> str:
    """Return the reason for a value that may be in a file once."""
    return _("“%(value)s” is also on line %(line)s.") % {"value": value, "line": line}


def read_csv_table(
    path: Path,
    *,
    required: Sequence[Sequence[str]],
    optional: Sequence[str] = (),
    encoding: str = "utf-8",
) -> CsvTable:
    """Return the table of a file whose header has all columns of one of the groups of `required`.

    Columns that are neither required nor `optional` are ignored. Raises ClassificationFileError.
    """
    text = _text(path, encoding)
    delimiter = _delimiter(text, required)
    records = _records(path.name, text, delimiter)
    _first_line, header = next(records, (1, []))
    header = [name.strip() for name in header]
    if not any(header):
        raise ClassificationFileError(_("%(file)s is empty.") % {"file": path.name})
    if not any(set(names) <= set(header) for names in required):
        raise _missing_columns_error(path.name, header, required)
    used_columns = {name for names in required for name in names} | set(optional)
    rows = []
    for line, fields in records:
        if len(fields) != len(header):
            column = header[len(fields)] if len(fields) < len(header) else len(header) + 1
            reason = _("%(values)s values in the record, %(columns)s columns in the header.")
            counts = {"values": len(fields), "columns": len(header)}
            raise ClassificationFileError.at(path.name, line, column, reason % counts)
        values = {name: value.strip() for name, value in zip(header, fields, strict=True) if name in used_columns}
        row = CsvRecord(path.name, line, values)
        for name, value in values.items():
            if found := CONTROL_CHARACTER.search(value):
                raise row.error(name, _control_character_reason(found[0], encoding))
        rows.append(row)
    if not rows:
        raise ClassificationFileError(_("%(file)s has a header and no records.") % {"file": path.name})
    return CsvTable(frozenset(header), rows)


def _text(path: Path, encoding: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ClassificationFileError(f"{path}: {reason_of(error)}.") from error
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        reason = _encoding_reason(encoding, probable_encoding(data))
        raise ClassificationFileError.at(path.name, line, column, reason) from error
    if is_utf_16_without_mark(data):
        raise ClassificationFileError.at(path.name, 1, 1, _encoding_reason(encoding, "UTF-16"))
    return text


def _encoding_reason(encoding: str, probable: str) -> str:
    names = {"encoding": encoding.upper(), "probable": probable}
    if not probable:
        return _("not %(encoding)s.") % names
    return _("not %(encoding)s. The encoding is probably %(probable)s.") % names


def _control_character_reason(character: str, encoding: str) -> str:
    if encoding.startswith("iso8859") and FIRST_C1 <= character <= LAST_C1:
        reason = _("a control character (U+%(code)s). The encoding is probably Windows-1252: say --encoding cp1252.")
    else:
        reason = _("a control character (U+%(code)s).")
    return reason % {"code": f"{ord(character):04X}"}


def _delimiter(text: str, required: Sequence[Sequence[str]]) -> str:
    """Return the delimiter that gives the header the largest number of required columns."""
    wanted = {name for names in required for name in names}
    first_line = text.partition("\n")[0]

    def matching_columns(delimiter: str) -> int:
        return len(wanted & {name.strip().strip('"') for name in first_line.split(delimiter)})

    return max(DELIMITERS, key=matching_columns)


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (first line, values) of each record that is not an empty line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = _("not a record of a CSV file: a quotation mark is not closed or is inside a value.")
            raise ClassificationFileError.at(name, line, 1, reason) from error
        if fields:
            yield line, fields


def _missing_columns_error(
    name: str, header: Sequence[str], required: Sequence[Sequence[str]]
) -> ClassificationFileError:
    nearest = max(required, key=lambda names: len(set(names) & set(header)))
    missing = ", ".join(column for column in nearest if column not in header)
    reason = _("it is missing; the columns are %(columns)s.") % {"columns": ", ".join(header)[:500]}
    return ClassificationFileError.at(name, 1, missing, reason)
