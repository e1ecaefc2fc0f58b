"""Storage of files that are never public, and replacement of stored files."""

from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage


class PrivateStorage(FileSystemStorage):
    """A storage outside the media folder. Its files have no URL, and only the server's account can read them."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> str:
        """Raise ValueError: Django's storage would return a URL below `MEDIA_URL`."""
        raise ValueError(f"{name} is private: it has no address.")


def replace_file(storage: Storage, name: str, content: File) -> None:
    """Replace the content of a stored file atomically, under its name.

    Readers get the old content or the new content, never a part; after a crash the old content remains. Raises OSError.
    """
    draft = f"{name}.new"
    storage.delete(draft)  # Left by a process that was killed.
    draft = storage.save(draft, content)
    try:
        Path(storage.path(draft)).replace(storage.path(name))
    except BaseException:
        storage.delete(draft)
        raise
