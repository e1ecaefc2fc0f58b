"""Models of translations: outdated segments, the segments of a revision, progress, and requested updates."""

from .outdated_translation import OutdatedTranslation
from .translated_revision import TranslatedRevision
from .translation_progress import TranslationProgress
from .translation_update import TranslationUpdate

__all__ = ["OutdatedTranslation", "TranslatedRevision", "TranslationProgress", "TranslationUpdate"]
