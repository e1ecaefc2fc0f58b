"""Models of translations: outdated segments, the segments of a revision, progress, requested updates, and comments."""

from .outdated_translation import OutdatedTranslation
from .segment_comment import SegmentComment
from .translated_revision import TranslatedRevision
from .translation_progress import TranslationProgress
from .translation_update import TranslationUpdate

__all__ = ["OutdatedTranslation", "SegmentComment", "TranslatedRevision", "TranslationProgress", "TranslationUpdate"]
