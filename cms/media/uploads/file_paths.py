"""Paths of stored files that nobody can guess."""

from __future__ import annotations

import re
import secrets
from pathlib import PurePosixPath

from django.db.models import Model
from django.utils.deconstruct import deconstructible

MAXIMUM_LENGTH = 100  # `max_length` of the file fields


def new_token() -> str:
    """Return 22 random characters, which are safe in a URL and a file name: 128 bits."""
    return secrets.token_urlsafe(16)


def unguessable_path(folder: str, filename: str) -> str:
    """Return `folder/token/filename` with a new token; the name is shortened to keep its suffix.

    The token is a folder, because the name of a rendition repeats the file name of its image.
    """
    name = PurePosixPath(filename)
    prefix = f"{folder}/{new_token()}/"
    length = MAXIMUM_LENGTH - len(prefix) - len(name.suffix)
    return f"{prefix}{name.stem[: max(length, 1)]}{name.suffix}"


def has_token(path: str) -> bool:
    """Return True for a path that `unguessable_path` can have made."""
    return re.fullmatch(r"[^/]+/[A-Za-z0-9_-]{22}/[^/]+", path) is not None


@deconstructible
class UnguessablePath:
    """The `upload_to` of a file field whose files are stored in a folder, each under a token of its own."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, instance: Model, filename: str) -> str:
        return unguessable_path(self.folder, filename)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, UnguessablePath) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)
