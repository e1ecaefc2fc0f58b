"""Database tables of search."""

from .cache_version import CacheVersion
from .concept import Concept, ConceptCounter, ConceptLabel
from .cursor import IndexCursor
from .file_text import FileText
from .promotion import Promotion
from .searched_words import SearchedWords
from .synonym import SynonymGroup
from .unindexed_document import UnindexedDocument

__all__ = [
    "CacheVersion",
    "Concept",
    "ConceptCounter",
    "ConceptLabel",
    "FileText",
    "IndexCursor",
    "Promotion",
    "SearchedWords",
    "SynonymGroup",
    "UnindexedDocument",
]
