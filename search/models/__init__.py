"""What search keeps in the database."""

from .cursor import IndexCursor
from .edition import Edition
from .synonym import SynonymGroup

__all__ = ["Edition", "IndexCursor", "SynonymGroup"]
