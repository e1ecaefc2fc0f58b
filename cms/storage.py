"""Storage of files that are never public."""

from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """A storage outside the media folder. Its files have no URL, and only the server's account can read them."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> str:
        """Raise ValueError: Django's storage would return a URL below `MEDIA_URL`."""
        raise ValueError(f"{name} is private: it has no address.")
