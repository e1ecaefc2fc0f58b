"""Models of translations: outdated segments, segments of a revision, progress, requested work, and comments."""

from .outdated_translation import OutdatedTranslation
from .requested_translation import RequestedTranslation
from .segment_comment import SegmentComment
from .translated_revision import TranslatedRevision
from .translation_progress import TranslationProgress
from .translation_update import TranslationUpdate

__all__ = [
    "OutdatedTranslation",
    "RequestedTranslation",
    "SegmentComment",
    "TranslatedRevision",
    "TranslationProgress",
    "TranslationUpdate",
]
