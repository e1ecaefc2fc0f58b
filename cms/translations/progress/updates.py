"""Updates of translations after a change: of the source, of a translated text, or of the published page.

`update_requests` adds a TranslationUpdate in the transaction of the change. The task processes it after the commit;
what a crash leaves, the next task or `publish_scheduled` finds.
"""

from __future__ import annotations

import logging
from collections import Counter

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.dispatch import Signal
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.models import (
    PlannedRelease,
    TranslatedRevision,
    TranslationAssignment,
    TranslationProgress,
    TranslationUpdate,
)
from cms.translations.models.segment_state import MACHINE_STATES, OUTDATED_STATES, SegmentState

from .remembered_texts import remember_published_page
from .segments import Segment, digests_in, is_approved, outdated_segments, segments_of
from .update_failures import code_of

logger = logging.getLogger(__name__)

# Sent with `page_ids`, in the transaction of the change, when translated pages become outdated or current for readers.
public_state_changed = Signal()

# After this number of failures an update is left to `nightly`.
MAX_ATTEMPTS = 5


def process_updates(*, include_failed: bool = False, limit: int | None = None) -> int:
    """Process the requested updates, each source in a transaction of its own; return the number of sources.

    The oldest requests come first; at most `limit` sources are updated, or all. An error is stored with
    the requests, and does not stop the updates of other sources.
    """
    requests = TranslationUpdate.objects.order_by("pk")
    if not include_failed:
        requests = requests.filter(attempts__lt=MAX_ATTEMPTS)
    sources = list(dict.fromkeys(requests.values_list("source_id", flat=True)))[:limit]
    for source_id in sources:
        try:
            _process(source_id)
        except Exception as error:  # Whatever a page contains: the others must be updated.
            logger.exception("the translations of source %s could not be updated", source_id)
            _record_failure(source_id, error)
    return len(sources)


@transaction.atomic
def _process(source_id: int) -> None:
    source = TranslationSource.objects.select_for_update().filter(pk=source_id).first()
    requests = dict(TranslationUpdate.objects.filter(source=source_id).values_list("pk", "reads_source"))
    if source is not None and requests:
        if any(requests.values()):
            try:
                source.update_from_db()
            except ObjectDoesNotExist:
                logger.info("the original of translation source %s is deleted", source_id)
        # The new segments delete rows, and this requests updates, which the present one includes.
        later = TranslationUpdate.objects.filter(source=source_id, reads_source=False)
        requests |= dict(later.values_list("pk", "reads_source"))
        public_source = _public_source(source)
        for translation in source.translations.select_related("source", "target_locale"):
            update_progress(translation, public_source)
    TranslationUpdate.objects.filter(pk__in=requests).delete()


def _record_failure(source_id: int, error: Exception) -> None:
    for request in TranslationUpdate.objects.filter(source=source_id):
        request.attempts += 1
        request.error = f"{type(error).__name__}: {' '.join(getattr(error, 'messages', [str(error)]))}"
        request.code = code_of(error)
        request.save(update_fields=["attempts", "error", "code"])


def _public_source(source: TranslationSource) -> set[str] | None:
    """Return the digests of the segments of the public original if translators translate its draft, else None."""
    release = PlannedRelease.objects.of_source(source).select_related("page").first()
    return None if release is None else digests_in(release.page.specific)


def update_progress(translation: Translation, public_source: set[str] | None = None) -> TranslationProgress:
    """Compute and store the progress of a translation, and remove the due date that a complete public page has met.

    Announce that the public page has become outdated or current. Store its texts in the memory once for each version.

    `public_source` has the digests of the segments of the public original if a release is planned: the public page is
    compared with these, and the texts in work with the draft.
    """
    is_in_release = public_source is not None and translation.enabled
    segments = segments_of(translation)
    progress, _created = TranslationProgress.objects.select_for_update().get_or_create(translation=translation)
    was_outdated = progress.public_outdated
    _count(progress, segments)
    page = _published_page(translation)
    record = TranslatedRevision.objects.filter(pk=page.live_revision_id).first() if page is not None else None
    current = {segment.digest for segment in segments} if public_source is None else public_source
    progress.public_outdated = 0 if record is None else outdated_segments(record, current)
    states = Counter(record.segments.values() if record is not None else ())
    progress.public_untranslated = states[SegmentState.UNTRANSLATED]
    machine = sum(states[state] for state in MACHINE_STATES)
    progress.is_public_machine = bool(machine) and machine + progress.public_untranslated == states.total()
    progress.is_approved = is_in_release and is_approved(_latest_record(translation), translation, segments)
    if not progress.public_outdated:
        progress.public_outdated_since = None
    elif progress.public_outdated_since is None:
        progress.public_outdated_since = translation.source.last_updated_at
    if page is not None and record is not None and progress.remembered_revision != record.pk:
        remember_published_page(translation, page, record)
        progress.remembered_revision = record.pk
    progress.save()
    is_complete = progress.translated == progress.segments and not (progress.outdated or progress.public_outdated)
    if page is not None and is_complete and not is_in_release:
        _remove_met_due_date(translation)
    if page is not None and bool(was_outdated) != bool(progress.public_outdated):
        public_state_changed.send(sender=Translation, page_ids=[page.pk])
    return progress


def _remove_met_due_date(translation: Translation) -> None:
    """Remove the due date of a translation that is published and complete, and an assignment without other values."""
    met = TranslationAssignment.objects.filter(
        page__translation_key=translation.source.object_id, locale=translation.target_locale_id
    )
    met.filter(assignee=None).delete()
    met.update(due_on=None)


def _count(progress: TranslationProgress, segments: list[Segment]) -> None:
    to_do = {SegmentState.UNTRANSLATED, *OUTDATED_STATES}
    progress.segments = len(segments)
    progress.translated = sum(segment.state != SegmentState.UNTRANSLATED for segment in segments)
    progress.outdated = sum(segment.state in OUTDATED_STATES for segment in segments)
    progress.machine = sum(segment.state == SegmentState.MACHINE for segment in segments)
    progress.words = sum(segment.words for segment in segments)
    progress.words_to_do = sum(segment.words for segment in segments if segment.state in to_do)


def _latest_record(translation: Translation) -> TranslatedRevision | None:
    """Return the record of the latest revision of a translated page."""
    pages = Page.objects.filter(
        translation_key=translation.source.object_id, locale=translation.target_locale_id, alias_of=None
    )
    records = TranslatedRevision.objects.select_related("revision")
    return records.filter(pk__in=pages.values("latest_revision")).first()


def _published_page(translation: Translation) -> Page | None:
    """Return the live page of a translation; None for one that is not published, and for snippets."""
    return Page.objects.filter(
        translation_key=translation.source.object_id, locale=translation.target_locale_id, live=True
    ).first()
