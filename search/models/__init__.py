"""What search keeps in the database."""

from .cache_version import Edition
from .concept import Concept, ConceptCounter, ConceptLabel
from .cursor import IndexCursor
from .file_text import FileText
from .promotion import Promotion
from .searched_words import SearchedWords
from .synonym import SynonymGroup

__all__ = [
    "Concept",
    "ConceptCounter",
    "ConceptLabel",
    "Edition",
    "FileText",
    "IndexCursor",
    "Promotion",
    "SearchedWords",
    "SynonymGroup",
]
