"""The folders in which a test session stores media."""

from pathlib import Path

from django.conf import settings


def file_folders() -> dict[str, Path]:
    """Return the folder of public files and that of private ones, by the name of their storage."""
    private = Path(settings.STORAGES["private"]["OPTIONS"]["location"])
    return {"default": Path(settings.MEDIA_ROOT), "private": private}


def stored_files() -> set[Path]:
    """Return the paths of all files in both folders."""
    return {path for folder in file_folders().values() for path in folder.rglob("*") if path.is_file()}
