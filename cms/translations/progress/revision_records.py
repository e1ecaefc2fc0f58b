"""Records of the segments of a revision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from wagtail.models import Page
from wagtail_localize.models import Translation
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.translations.models import TranslatedRevision
from cms.translations.models.segment_state import SegmentState

from .segments import Segment, segments_of, states_by_digest


def record_revision(translation: Translation, revision_id: int, segments: Sequence[Segment]) -> TranslatedRevision:
    """Store from which source texts a revision was made, and how each was translated; return the record."""
    source = translation.source
    original = Page.objects.filter(translation_key=source.object_id, locale=source.locale_id)
    versions = original.values_list("live_revision__created_at", "latest_revision__created_at").first() or ()
    untranslated = (segment.path for segment in segments if segment.state == SegmentState.UNTRANSLATED)
    record, _created = TranslatedRevision.objects.update_or_create(
        revision_id=revision_id,
        defaults={
            "translation": translation,
            "source_saved_at": next(filter(None, versions), None),
            "segments": states_by_digest(segments),
            "untranslated_paths": list(dict.fromkeys(untranslated)),
        },
    )
    return record


def record_of_texts(translation: Translation, segments: Sequence[Segment]) -> TranslatedRevision:
    """Return a record of the segments of a draft without one. It is not stored."""
    return TranslatedRevision(translation=translation, segments=states_by_digest(segments))


def record_of_source_texts(page: Page) -> TranslatedRevision:
    """Return a record, which is not stored, of a page whose texts are all in the source language."""
    texts = (value for value in extract_segments(page) if isinstance(value, StringSegmentValue))
    segments = [Segment(text.path, text.string.data, "", SegmentState.UNTRANSLATED) for text in texts]
    segments = [segment for segment in segments if segment.has_letters]
    paths = list(dict.fromkeys(segment.path for segment in segments))
    return TranslatedRevision(segments=states_by_digest(segments), untranslated_paths=paths)


def segments_in(translation: Translation, page: Page) -> list[Segment]:
    """Return the segments of a translation with their states in a version of the page, whatever code made it.

    A segment whose place shows the source text is untranslated, unless the translation is the same text.
    """
    texts = defaultdict(set)
    for value in extract_segments(page):
        if isinstance(value, StringSegmentValue):
            texts[value.path].add(value.string.data)
    return [_as_shown(segment, texts[segment.path]) for segment in segments_of(translation)]


def _as_shown(segment: Segment, texts: set[str]) -> Segment:
    if segment.translation in texts or segment.source not in texts:
        return segment
    return replace(segment, state=SegmentState.UNTRANSLATED) if segment.has_letters else segment
