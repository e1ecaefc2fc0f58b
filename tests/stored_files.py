"""The folders in which a test session stores media, and the files in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.conf import settings
from django.core.files.storage import FileSystemStorage


def file_folders() -> dict[str, Path]:
    """Return the folder of public files and that of private ones, by the name of their storage."""
    private = Path(settings.STORAGES["private"]["OPTIONS"]["location"])
    return {"default": Path(settings.MEDIA_ROOT), "private": private}


def stored_files() -> set[Path]:
    """Return the paths of all files in both folders."""
    return {path for folder in file_folders().values() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def noted_files() -> Iterator[set[Path]]:
    """Yield a set to which each file is added that a storage stores within the block.

    Comparing the folders before and after would take longer with each test: a test that is rolled back leaves files.
    """
    noted: set[Path] = set()
    save = FileSystemStorage._save  # type: ignore[attr-defined]

    def save_and_note(storage, name, content):
        stored = save(storage, name, content)
        noted.add(Path(storage.path(stored)))
        return stored

    with patch.object(FileSystemStorage, "_save", save_and_note):
        yield noted
