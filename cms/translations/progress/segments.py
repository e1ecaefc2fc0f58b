"""The segments of a translation: source text, translation and state, and the record that a revision keeps of them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from wagtail.models import Page
from wagtail_localize.models import StringSegment, StringTranslation, Translation
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.translations.models import TranslatedRevision
from cms.translations.models.segment_state import OUTDATED_STATES, SegmentState
from sites.html_text import text_of_html

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
LETTER = re.compile(r"[^\W\d_]")
DIGEST_BYTES = 9
# An approval makes the texts of a machine checked ones.
CHECKED = {
    SegmentState.MACHINE.value: SegmentState.TRANSLATED.value,
    SegmentState.OUTDATED_MACHINE.value: SegmentState.OUTDATED.value,
}


@dataclass(frozen=True)
class Segment:
    """A text of the source, as an HTML fragment, with its context and its translation, or "" without one."""

    path: str
    source: str
    translation: str
    state: SegmentState

    @property
    def digest(self) -> str:
        """The digest of the context and the source text."""
        return segment_digest(self.path, self.source)

    @property
    def has_letters(self) -> bool:
        """False for a number or a symbol, which is the same in every language."""
        return LETTER.search(text_of_html(self.source)) is not None

    @property
    def words(self) -> int:
        """Number of words of the source text."""
        return len(WORD.findall(text_of_html(self.source)))


def segment_digest(path: str, source: str) -> str:
    """Return the digest of a context and a source text, by which `TranslatedRevision.segments` names a segment."""
    return hashlib.blake2b(f"{path}\0{source}".encode(), digest_size=DIGEST_BYTES).hexdigest()


def segments_of(translation: Translation) -> list[Segment]:
    """Return the segments of a translation in the order of the source. Two queries.

    A translation with an error counts as none: it is not used for the page.
    """
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id, has_error=False
    ).select_related("outdated")
    translations = {(row.context_id, row.translation_of_id): row for row in rows}
    segments = StringSegment.objects.filter(source=translation.source_id).select_related("context", "string")
    return [
        _segment(segment, translations.get((segment.context_id, segment.string_id)))
        for segment in segments.order_by("order", "pk")
    ]


def _segment(segment: StringSegment, translation: StringTranslation | None) -> Segment:
    text = "" if translation is None else translation.data
    return Segment(segment.context.path, segment.string.data, text, state_of(segment.string.data, translation))


def state_of(source: str, translation: StringTranslation | None) -> SegmentState:
    """Return the state of a source text and its translation, None without one that can be used."""
    if translation is None or not translation.data:
        # A number or a symbol is the same in every language, and stands on the page as it is.
        return SegmentState.UNTRANSLATED if LETTER.search(text_of_html(source)) else SegmentState.TRANSLATED
    is_machine = translation.translation_type == StringTranslation.TRANSLATION_TYPE_MACHINE
    if getattr(translation, "outdated", None) is not None:
        return SegmentState.OUTDATED_MACHINE if is_machine else SegmentState.OUTDATED
    return SegmentState.MACHINE if is_machine else SegmentState.TRANSLATED


def states_by_digest(segments: Iterable[Segment]) -> dict[str, str]:
    """Return the state of each segment, by its digest."""
    return {segment.digest: segment.state.value for segment in segments}


def digests_in(original: Page) -> set[str]:
    """Return the digests of the segments of a version of an original."""
    texts = (value for value in extract_segments(original) if isinstance(value, StringSegmentValue))
    return {segment_digest(text.path, text.string.data) for text in texts}


def outdated_segments(record: TranslatedRevision, current: Set[str]) -> int:
    """Return the number of segments in which a revision differs from the present source, whose digests are given.

    These are the changed and the added ones, and those that the revision already had as outdated. If only texts were
    removed from the source, it is their number.
    """
    recorded = record.segments
    added, removed = current - recorded.keys(), recorded.keys() - current
    kept = sum(recorded[digest] in OUTDATED_STATES for digest in current & recorded.keys())
    return max(len(added), len(removed)) + kept


def is_approved(record: TranslatedRevision | None, translation: Translation, segments: Sequence[Segment]) -> bool:
    """Return True if the record of the latest revision of a page is approved, and no text has changed since.

    At most one query.
    """
    if record is None or record.reviewed_at is None:
        return False
    approved = {digest: CHECKED.get(state, state) for digest, state in record.segments.items()}
    if approved != {each.digest: CHECKED.get(each.state.value, each.state.value) for each in segments}:
        return False
    texts = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    )
    return not texts.filter(updated_at__gt=record.revision.created_at).exists()
