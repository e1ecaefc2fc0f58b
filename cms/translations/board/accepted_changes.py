"""Acceptance of changed originals: an editor of the department decides that they need no new translation."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogActionRegistry, log
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation

from cms.translations.models import OutdatedTranslation, TranslatedRevision
from cms.translations.models.segment_state import OUTDATED_STATES, SegmentState
from cms.translations.progress.segments import segment_digest, segments_of
from cms.translations.progress.update_requests import request_update_of_texts
from cms.translations.releases.release_plans import is_planned

ACTION = "translations.changes_accepted"


@transaction.atomic
def accept_changes(translation: Translation, page: Page, user: Any) -> int:
    """Keep the translations of changed texts as those of the present texts; return their number.

    They are outdated neither in the editor nor on the public page, which says the same as before. The history of the
    page names the user. Texts that were added or removed stay to be done.
    """
    list(Translation.objects.select_for_update().filter(pk=translation.pk))
    rows = _outdated_rows(translation)
    if not rows:
        return 0
    live_revision = Page.objects.filter(pk=page.pk, live=True).values_list("live_revision", flat=True)
    records = TranslatedRevision.objects.select_for_update().filter(pk__in=live_revision)
    # The changes of a draft do not concern the public page before its release.
    record = None if is_planned(translation) else records.first()
    if record is not None:
        current = {segment.digest for segment in segments_of(translation)}
        for row in rows:
            _replace(record.segments, row, current)
        record.save(update_fields=["segments"])
    OutdatedTranslation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    log(instance=page, action=ACTION, user=user, data={"texts": len(rows)})
    request_update_of_texts(translation.source.object_id, translation.target_locale_id)
    return len(rows)


def _outdated_rows(translation: Translation) -> list[StringTranslation]:
    """Return the outdated translations of texts that the original has now, without those that no page can use."""
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id,
        locale=translation.target_locale_id,
        outdated__isnull=False,
        has_error=False,
        translation_of__segments__source=translation.source_id,
    )
    return list(rows.select_related("outdated", "context", "translation_of").distinct())


def _replace(recorded: dict[str, str], row: StringTranslation, current: set[str]) -> None:
    """Replace the former source text by the present one in the record of the public page.

    The record of a page that was published again since has neither: its text is one of those that are outdated in it.
    """
    path = row.context.path
    digest, former = segment_digest(path, row.translation_of.data), segment_digest(path, row.outdated.former_source)
    if digest not in recorded and former not in recorded:
        gone = (each for each, state in recorded.items() if state in OUTDATED_STATES and each not in current)
        former = next(gone, "")
    known = digest in recorded or former in recorded
    if former not in current:
        recorded.pop(former, None)
    if known:
        is_machine = row.translation_type == StringTranslation.TRANSLATION_TYPE_MACHINE
        recorded[digest] = (SegmentState.MACHINE if is_machine else SegmentState.TRANSLATED).value


def accepted_change_actions(actions: LogActionRegistry) -> None:
    """Register the log action; the hook `register_log_actions`."""
    actions.register_action(
        ACTION,
        _("Translation: keep after a change"),
        _("Kept the translation: a change of the original needs no new one"),
    )
