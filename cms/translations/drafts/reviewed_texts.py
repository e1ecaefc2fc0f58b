"""Texts of a machine that a reviewer has approved: they count as checked from then on."""

from __future__ import annotations

from wagtail_localize.models import StringTranslation

from cms.translations.models import TranslatedRevision
from cms.translations.models.segment_state import MACHINE_STATES
from cms.translations.progress.revision_records import texts_by_path
from cms.translations.progress.segments import segment_digest
from cms.translations.progress.update_requests import request_update_of_texts


def keep_reviewed_machine_texts(revision_id: int) -> None:
    """Mark the texts of a machine in an approved revision as checked; their tool still names the service.

    A text that the revision does not show, or that was changed after it was saved, is left out. `update` keeps the
    marks of outdated texts.
    """
    records = TranslatedRevision.objects.select_related("revision", "translation__source")
    record = records.filter(pk=revision_id).first()
    if record is None or not record.has_machine_texts:
        return
    translation = record.translation
    approved = {digest for digest, state in record.segments.items() if state in MACHINE_STATES}
    rows = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id,
        locale=translation.target_locale_id,
        translation_type=StringTranslation.TRANSLATION_TYPE_MACHINE,
        updated_at__lte=record.revision.created_at,
    ).select_related("context", "translation_of")
    shown = texts_by_path(record.revision.as_object())
    keys = [
        row.pk
        for row in rows
        # The original of a text without a source text (`segments_in`) is gone.
        if {segment_digest(row.context.path, source) for source in (row.translation_of.data, "")} & approved
        and row.data in shown[row.context.path]
    ]
    if keys:
        checked = StringTranslation.TRANSLATION_TYPE_MANUAL
        StringTranslation.objects.filter(pk__in=keys).update(translation_type=checked)
        request_update_of_texts(translation.source.object_id, translation.target_locale_id)
