"""Records of the segments of a revision."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Length
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation
from wagtail_localize.segments import StringSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.translations.models import PlannedRelease, TranslatedRevision
from cms.translations.models.segment_state import MACHINE_STATES, SegmentState

from .segments import Segment, segment_digest, segments_of, states_by_digest

# Earlier revisions whose texts are compared with those of a restored one, and the characters of all: about a second.
MAX_REVISIONS = 30
MAX_CHARACTERS = 2_000_000


def record_revision(translation: Translation, revision_id: int, segments: Sequence[Segment]) -> TranslatedRevision:
    """Store from which source texts a revision was made, and how each was translated; return the record."""
    source = translation.source
    original = Page.objects.filter(translation_key=source.object_id, locale=source.locale_id)
    if PlannedRelease.objects.of_translation(translation).exists():  # The texts are those of the draft.
        versions = original.values_list("latest_revision__created_at").first() or ()
    else:
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

    A segment whose path shows the source text is untranslated, unless the translation is the same text. A segment
    whose path shows neither is of a machine if an earlier revision has that text as one that nobody had checked.

    A page whose translation is stopped belongs to its editors: only the texts of a machine count that it still shows.

    Texts of a machine that belong to no segment, because the original has lost theirs, are added as segments without a
    source text.
    """
    shown = texts_by_path(page)
    segments = segments_of(translation)
    replaced = [segment for segment in segments if not shown[segment.path] & {segment.translation, segment.source}]
    unexplained = _unexplained_texts(segments, shown)
    stored = _stored_texts(translation) if any(unexplained.values()) else []
    # Texts that a person has written or confirmed, in any context.
    written = {row.text for row in stored if not row.is_of_machine}
    unexplained = {path: texts - written for path, texts in unexplained.items()}
    earlier = _EarlierRevisions(translation)
    machine = _machine_segments(earlier, replaced, unexplained) if replaced else set()
    state_in = _state_in if translation.enabled else _state_in_stopped
    found = [
        replace(segment, state=SegmentState.MACHINE if segment.digest in machine else state_in(segment, shown))
        for segment in segments
    ]
    numbers = Counter(segment.path for segment in replaced)
    # At these paths the page has more texts than segments whose texts were replaced.
    surplus = {path: texts for path, texts in unexplained.items() if len(texts) > numbers[path]}
    texts_of_machine = _machine_texts(earlier, stored, set().union(*surplus.values())) if surplus else set()
    return found + [
        Segment(path, "", text, SegmentState.MACHINE)
        for path, texts in surplus.items()
        for text in sorted(texts & texts_of_machine)
    ]


def _state_in(segment: Segment, shown: Mapping[str, set[str]]) -> SegmentState:
    texts = shown[segment.path]
    if segment.translation in texts or segment.source not in texts or not segment.has_letters:
        return segment.state
    return SegmentState.UNTRANSLATED


def _state_in_stopped(segment: Segment, shown: Mapping[str, set[str]]) -> SegmentState:
    is_shown = segment.translation in shown[segment.path]
    return segment.state if is_shown and segment.state in MACHINE_STATES else SegmentState.TRANSLATED


def texts_by_path(page: Page) -> defaultdict[str, set[str]]:
    """Return the texts that a version of a page has in each context, segmented as wagtail-localize does."""
    texts = defaultdict(set)
    for value in extract_segments(page):
        if isinstance(value, StringSegmentValue):
            texts[value.path].add(value.string.data)
    return texts


def _unexplained_texts(segments: Iterable[Segment], shown: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return the texts of each context that are neither a present translation nor a text of the source."""
    unexplained = {path: set(texts) for path, texts in shown.items()}
    for segment in segments:
        unexplained.get(segment.path, set()).difference_update((segment.source, segment.translation))
    return unexplained


class _StoredText(NamedTuple):
    """A stored translation, with its context and the digest of its segment."""

    text: str
    path: str
    digest: str
    is_of_machine: bool


def _stored_texts(translation: Translation) -> list[_StoredText]:
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    )
    return [
        _StoredText(text, path, segment_digest(path, source), kind == StringTranslation.TRANSLATION_TYPE_MACHINE)
        for text, path, source, kind in rows.values_list(
            "data", "context__path", "translation_of__data", "translation_type"
        )
    ]


class _EarlierRevisions:
    """The records of a translation since the first with unchecked texts of a machine, the newest first."""

    def __init__(self, translation: Translation) -> None:
        self._translation = translation
        self._texts: list[Mapping[str, set[str]]] = []

    @cached_property
    def _records(self) -> Any:
        records = TranslatedRevision.objects.filter(translation=self._translation)
        oldest = _oldest_unchecked(records)
        since = records.none() if oldest is None else records.filter(pk__gte=oldest)
        return since.annotate(characters=Length(Cast("revision__content", TextField()))).order_by("-pk")

    def __iter__(self) -> Iterator[tuple[TranslatedRevision, Mapping[str, set[str]] | None]]:
        """Yield each record with the texts of its revision by context, None for one that is too old to be read."""
        room = MAX_CHARACTERS
        for number, record in enumerate(self._records.iterator(chunk_size=MAX_REVISIONS)):
            is_read = number < MAX_REVISIONS and room > 0
            room -= record.characters
            if is_read and number == len(self._texts):
                self._texts.append(texts_by_path(record.revision.as_object()))
            yield record, self._texts[number] if is_read else None


def _machine_segments(
    earlier: _EarlierRevisions, segments: Iterable[Segment], texts: Mapping[str, set[str]]
) -> set[str]:
    """Return the digests of the segments whose text on the page is one of a machine in an earlier revision.

    The newest revision that shows the text at this path decides, and a review of it counts. Texts of revisions that
    are too old to be read count as those of the page, so that none of a machine becomes public unseen.
    """
    wanted = {segment.digest: segment.path for segment in segments if texts.get(segment.path)}
    found: set[str] = set()
    for record, shown in earlier if wanted else ():
        present = texts if shown is None else shown
        decided = {digest for digest, path in wanted.items() if present.get(path, set()) & texts[path]}
        machine = {digest for digest in decided if _is_machine_text(record, digest)}
        found |= machine
        for digest in machine if shown is None else decided:
            del wanted[digest]
        if not wanted:
            break
    return found


def _machine_texts(earlier: _EarlierRevisions, stored: Sequence[_StoredText], texts: set[str]) -> set[str]:
    """Return those of texts without a segment that a machine has written.

    The newest revision that shows a text at any path decides, else the machine's texts that are stored.
    """
    digests: defaultdict[str, set[str]] = defaultdict(set)
    for row in stored:
        if row.is_of_machine and row.text in texts:
            digests[row.text].add(row.digest)
    found, undecided = set(), set(texts)
    for record, shown in earlier:
        if shown is None or not undecided:
            break
        decided = undecided.intersection(set().union(*shown.values()))
        if decided and _is_unchecked(record):
            # Segments whose texts are still stored have no other text in the revision.
            others = {row.digest for row in stored if row.text in shown.get(row.path, ()) and row.text not in decided}
            found |= {text for text in decided if _is_of_machine(record, digests[text], others)}
        undecided -= decided
    return found | (undecided & digests.keys())


def _is_of_machine(record: TranslatedRevision, digests: set[str], others: set[str]) -> bool:
    """Return True if a text at some of these digests is one of a machine in a record.

    If the record does not have the digests, the text may be at any of its digests but those of `others`.
    """
    known = digests & record.segments.keys() or record.segments.keys() - others
    return not MACHINE_STATES.isdisjoint(record.segments[digest] for digest in known)


def _oldest_unchecked(records: QuerySet[TranslatedRevision]) -> int | None:
    """Return the key of the first record with texts of a machine that nobody has checked."""
    with_states = records.filter(reviewed_at=None).annotate(states=Cast("segments", TextField()))
    unchecked = with_states.filter(states__contains=f'{SegmentState.MACHINE}"')  # Both states of a machine end so.
    return unchecked.order_by("pk").values_list("pk", flat=True).first()


def _is_unchecked(record: TranslatedRevision) -> bool:
    return record.has_machine_texts and record.reviewed_at is None


def _is_machine_text(record: TranslatedRevision, digest: str) -> bool:
    """Return True if a record has a text as one of a machine, or has machine texts and another source text there."""
    return _is_unchecked(record) and record.segments.get(digest, SegmentState.MACHINE) in MACHINE_STATES
