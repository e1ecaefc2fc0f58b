"""Storage of files that no visitor may fetch."""

from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """Files outside the media folder that have no address and that the server's account alone may read."""

    def __init__(self, location: str | None = None) -> None:
        super().__init__(location=location, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    def url(self, name: str | None) -> str:
        """Raises `ValueError`: Django's own storage would make an address under `MEDIA_URL`."""
        raise ValueError(f"{name} is private: it has no address.")
