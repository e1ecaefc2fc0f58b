"""What search keeps in the database."""

from .concept import Concept, ConceptCounter, ConceptLabel
from .cursor import IndexCursor
from .edition import Edition
from .synonym import SynonymGroup

__all__ = ["Concept", "ConceptCounter", "ConceptLabel", "Edition", "IndexCursor", "SynonymGroup"]
