"""What search keeps in the database."""

from .cursor import IndexCursor

__all__ = ["IndexCursor"]
