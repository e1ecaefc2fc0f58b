"""Models of translations: segments, comments, progress, work, machine drafts, releases, guests."""

from .dismissed_warning import DismissedWarning
from .guest_link import GuestLink, GuestLinkUse
from .language_data.glossary_term import GlossaryTerm
from .language_data.media_text import MediaText
from .language_data.memory_pair import MemoryBand, MemoryPair
from .machine_drafts.machine_draft import DraftState, MachineDraft
from .machine_drafts.machine_service import MachineKey, MachineLanguage, MachineUsage
from .outdated_translation import OutdatedTranslation
from .planned_release import PlannedRelease
from .requested_translation import DeclinedTranslation, RequestedTranslation
from .segment_comment import SegmentComment
from .translated_revision import TranslatedRevision
from .translation_assignment import TranslationAssignment
from .translation_digest import TranslationDigest
from .translation_progress import TranslationProgress
from .translation_update import TranslationUpdate

__all__ = [
    "DeclinedTranslation",
    "DismissedWarning",
    "DraftState",
    "GlossaryTerm",
    "GuestLink",
    "GuestLinkUse",
    "MachineDraft",
    "MachineKey",
    "MachineLanguage",
    "MachineUsage",
    "MediaText",
    "MemoryBand",
    "MemoryPair",
    "OutdatedTranslation",
    "PlannedRelease",
    "RequestedTranslation",
    "SegmentComment",
    "TranslatedRevision",
    "TranslationAssignment",
    "TranslationDigest",
    "TranslationProgress",
    "TranslationUpdate",
]
