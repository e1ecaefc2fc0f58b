"""What search keeps in the database."""

from .concept import Concept, ConceptCounter, ConceptLabel
from .cursor import IndexCursor
from .edition import Edition
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
