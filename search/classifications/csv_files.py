"""Reads an official CSV file by the names of its columns, and says where it is not as it should be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


class ClassificationFileError(Exception):
    """A file that is not what it should be; the message names the file and, where they are known, line and column."""


@dataclass(frozen=True)
class CsvRecord:
    """One record of a file: `line` is where it begins, `values` has its texts by column, without spaces around them."""

    file: str
    line: int
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """Return a text; "" for a column that the file does not have."""
        return self.values.get(column, "")

    def error(self, column: str, reason: str) -> ClassificationFileError:
        return ClassificationFileError(f"{self.file}, line {self.line}, column {column}: {reason}")


@dataclass(frozen=True)
class CsvTable:
    """A file that has been read: the names of its columns and its records, at least one."""

    columns: frozenset[str]
    records: list[CsvRecord]


def read_csv_table(
    path: Path,
    *,
    needed: Sequence[Sequence[str]],
    optional: Sequence[str] = (),
    encoding: str = "utf-8",
    delimiters: str = ",",
) -> CsvTable:
    """Read a file whose header has all columns of one of the groups of `needed`.

    Other columns than these and the `optional` ones are not kept. Raises ClassificationFileError.
    """
    text = _text(path, encoding)
    delimiter = _delimiter(text, needed, delimiters)
    records = _records(path.name, text, delimiter)
    _line, header = next(records, (1, []))
    header = [name.strip() for name in header]
    if not any(header):
        raise ClassificationFileError(f"{path.name} is empty.")
    if not any(set(names) <= set(header) for names in needed):
        raise _without_columns(path.name, header, needed)
    kept = {name for names in needed for name in names} | set(optional)
    rows = []
    for line, fields in records:
        if len(fields) != len(header):
            place = header[len(fields)] if len(fields) < len(header) else f"number {len(header) + 1}"
            raise ClassificationFileError(
                f"{path.name}, line {line}, column {place}: "
                f"{len(fields)} values in the record, {len(header)} columns in the header."
            )
        values = {name: value.strip() for name, value in zip(header, fields, strict=True) if name in kept}
        row = CsvRecord(path.name, line, values)
        for name, value in values.items():
            if "\0" in value:
                raise row.error(name, "a character that is not text (NUL).")
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
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, errors="replace")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        raise ClassificationFileError(f"{path.name}, line {line}, column {column}: not {encoding.upper()}.") from error


def _delimiter(text: str, needed: Sequence[Sequence[str]], delimiters: str) -> str:
    """Return the delimiter by which the header has columns that are needed, the most of them."""
    wanted = {name for names in needed for name in names}
    first_line = text.partition("\n")[0]

    def found(delimiter: str) -> int:
        return len(wanted & {name.strip().strip('"') for name in first_line.split(delimiter)})

    return max(delimiters, key=found)


def _records(name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line on which it begins, values) of every record that is not an empty line."""
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


def _without_columns(name: str, header: Sequence[str], needed: Sequence[Sequence[str]]) -> ClassificationFileError:
    nearest = max(needed, key=lambda names: len(set(names) & set(header)))
    missing = ", ".join(column for column in nearest if column not in header)
    return ClassificationFileError(
        f"{name}, line 1: column {missing} is missing; the columns are {', '.join(header)[:500]}."
    )
