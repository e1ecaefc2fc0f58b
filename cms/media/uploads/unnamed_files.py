"""Deletes stored files that no row names: of transactions that were rolled back, and of processes that were killed.

Django stores a file before its row, and has no signal of a rollback.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.core.files.storage import Storage
from django.utils import timezone

from .stored_files import STORED_FILES

# A younger file may belong to a transaction that is not committed yet.
AGE = timedelta(days=1)
BATCH = 500
# More files than this, and than this share of all, have no row if the database is a backup or the wrong one.
EXPECTED_FILES = 100
EXPECTED_SHARE = 0.1


@dataclass(frozen=True)
class UnnamedFile:
    """A stored file that no row names."""

    storage: Storage
    name: str


@dataclass(frozen=True)
class UnnamedFiles:
    """The files of the upload folders that no row names, and the number of all files there."""

    files: list[UnnamedFile]
    total: int

    @property
    def are_too_many(self) -> bool:
        """True if there are more than failed uploads can explain."""
        return len(self.files) > max(EXPECTED_FILES, EXPECTED_SHARE * self.total)


def find_unnamed_files() -> UnnamedFiles:
    """Return the files in the folders of STORED_FILES that no row names, and that are older than AGE.

    Looks up the names of BATCH files with one query for each file field.
    """
    oldest, found, total = timezone.now() - AGE, [], 0
    for storage, folder in _folders():
        listed = _names_below(storage, folder)
        while names := list(islice(listed, BATCH)):
            total += len(names)
            unnamed = _without_row(names)
            found += [
                UnnamedFile(storage, name) for name in names if name in unnamed and _is_older(storage, name, oldest)
            ]
    return UnnamedFiles(found, total)


def delete_unnamed_files(unnamed: UnnamedFiles) -> int:
    """Delete these files, except those that a row names by now; return their number."""
    deleted = 0
    for start in range(0, len(unnamed.files), BATCH):
        files = unnamed.files[start : start + BATCH]
        names = _without_row([file.name for file in files])
        for file in files:
            if file.name in names:
                file.storage.delete(file.name)
                deleted += 1
    return deleted


def _folders() -> list[tuple[Storage, str]]:
    """Return the folders of all file fields, each once."""
    folders: list[tuple[Storage, str]] = []
    for stored in STORED_FILES:
        field: Any = stored.model_class._meta.get_field(stored.field)
        if (field.storage, stored.folder) not in folders:
            folders.append((field.storage, stored.folder))
    return folders


def _names_below(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for file in files:
        yield f"{folder}/{file}"
    for each in folders:
        yield from _names_below(storage, f"{folder}/{each}")


def _without_row(names: list[str]) -> set[str]:
    """Return those of the names that no row has, in any file field."""
    unnamed = set(names)
    for stored in STORED_FILES:
        rows = stored.model_class._base_manager.filter(**{f"{stored.field}__in": names})
        unnamed.difference_update(rows.values_list(stored.field, flat=True))
    return unnamed


def _is_older(storage: Storage, name: str, oldest: datetime) -> bool:
    try:
        return bool(storage.get_modified_time(name) < oldest)
    except FileNotFoundError:  # Deleted meanwhile.
        return False
