"""Reads an official CSV file by its column names and reports errors with line and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sites.validation.incoming_text import (
    CONTROL_CHARACTER,
    FIRST_C1,
    LAST_C1,
    is_utf_16_without_mark,
    probable_encoding,
)

# Spreadsheets with French settings save with semicolons.
DELIMITERS = ",;\t|"


class ClassificationFileError(Exception):
    """Raised for an invalid file; the message names the file and, if known, the line and the column."""


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
        return ClassificationFileError(f"{self.file}, line {self.line}, column {column}: {reason}")


@dataclass(frozen=True)
class CsvTable:
    """The content of a file: the names of its columns and at least one record."""

    columns: frozenset[str]
    records: list[CsvRecord]


def read_csv_table(
    path: Path,
    *,
    required: Sequence[Sequence[str]],
    optional: Sequence[str] = (),
    encoding: str = "utf-8",
    delimiters: str = DELIMITERS,
) -> CsvTable:
    """Return the table of a file whose header has all columns of one of the groups of `required`.

    Columns that are neither required nor `optional` are ignored. Raises ClassificationFileError.
    """
    text = _text(path, encoding)
    delimiter = _delimiter(text, required, delimiters)
    records = _records(path.name, text, delimiter)
    _line, header = next(records, (1, []))
    header = [name.strip() for name in header]
    if not any(header):
        raise ClassificationFileError(f"{path.name} is empty.")
    if not any(set(names) <= set(header) for names in required):
        raise _missing_columns_error(path.name, header, required)
    used_columns = {name for names in required for name in names} | set(optional)
    rows = []
    for line, fields in records:
        if len(fields) != len(header):
            column = header[len(fields)] if len(fields) < len(header) else f"number {len(header) + 1}"
            raise ClassificationFileError(
                f"{path.name}, line {line}, column {column}: "
                f"{len(fields)} values in the record, {len(header)} columns in the header."
            )
        values = {name: value.strip() for name, value in zip(header, fields, strict=True) if name in used_columns}
        row = CsvRecord(path.name, line, values)
        for name, value in values.items():
            if found := CONTROL_CHARACTER.search(value):
                raise row.error(name, _control_character_reason(found[0], encoding))
        rows.append(row)
    if not rows:
        raise ClassificationFileError(f"{path.name} has a header and no records.")
    return CsvTable(frozenset(header), rows)


def _text(path: Path, encoding: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ClassificationFileError(f"{path}: {error.strerror}.") from error
    try:
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        probable = probable_encoding(data)
        hint = f" The encoding is probably {probable}." if probable else ""
        raise ClassificationFileError(
            f"{path.name}, line {line}, column {column}: not {encoding.upper()}.{hint}"
        ) from error
    if is_utf_16_without_mark(data):
        raise ClassificationFileError(f"{path.name}, line 1: not {encoding.upper()}. The encoding is probably UTF-16.")
    return text


def _control_character_reason(character: str, encoding: str) -> str:
    reason = f"a control character (U+{ord(character):04X})."
    if encoding.startswith("iso8859") and FIRST_C1 <= character <= LAST_C1:
        return f"{reason} The encoding is probably Windows-1252: say --encoding cp1252."
    return reason


def _delimiter(text: str, required: Sequence[Sequence[str]], delimiters: str) -> str:
    """Return the delimiter that gives the header the largest number of required columns."""
    wanted = {name for names in required for name in names}
    first_line = text.partition("\n")[0]

    def matching_columns(delimiter: str) -> int:
        return len(wanted & {name.strip().strip('"') for name in first_line.split(delimiter)})

    return max(delimiters, key=matching_columns)


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
            raise ClassificationFileError(f"{name}, line {line}: not a record of a CSV file ({error}).") from error
        if fields:
            yield line, fields


def _missing_columns_error(
    name: str, header: Sequence[str], required: Sequence[Sequence[str]]
) -> ClassificationFileError:
    nearest = max(required, key=lambda names: len(set(names) & set(header)))
    missing = ", ".join(column for column in nearest if column not in header)
    return ClassificationFileError(
        f"{name}, line 1: column {missing} is missing; the columns are {', '.join(header)[:500]}."
    )
