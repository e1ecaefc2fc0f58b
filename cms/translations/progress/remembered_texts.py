"""Stores the texts of published translations in the memory of their department."""

from __future__ import annotations

from django.db.models import QuerySet
from wagtail.models import Page
from wagtail_localize.models import StringTranslation, Translation

from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from cms.translations.models import MemoryPair, TranslatedRevision
from cms.translations.models.segment_state import SegmentState
from sites.access.ownership import department_of_page, departments_owning

from .segments import segment_digest

# URLs are translated too, but no other text has the same one.
NOT_REMEMBERED = frozenset(("slug",))


def remember_published_page(translation: Translation, page: Page, record: TranslatedRevision) -> int:
    """Store the texts of a published translation that a person has written, or reviewed; return the number of new ones.

    `record` is that of the public version. A text that was changed since that version was saved is left out until it is
    published, and so are an outdated one and the text of a machine that nobody has reviewed.
    """
    department = department_of_page(page)
    if department is None:
        return 0
    accepted = {SegmentState.TRANSLATED.value}
    if record.reviewed_at is not None:
        accepted.add(SegmentState.MACHINE.value)
    rows = _translated_texts(translation).filter(updated_at__lte=record.revision.created_at)
    return _store(
        translation, department.pk, rows, {key for key, state in record.segments.items() if state in accepted}
    )


def remember_snippet(translation: Translation) -> int:
    """Store the texts of a translated snippet that people have written. One without a department has no memory."""
    snippet = translation.get_target_instance()
    department = departments_owning(snippet).first()
    if department is None or isinstance(snippet, Page):
        return 0
    rows = _translated_texts(translation).filter(translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL)
    return _store(translation, department.pk, rows, None)


def _translated_texts(translation: Translation) -> QuerySet[StringTranslation]:
    rows: QuerySet[StringTranslation] = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id,
        locale=translation.target_locale_id,
        has_error=False,
        outdated__isnull=True,
    ).exclude(context__path__in=NOT_REMEMBERED)
    return rows.select_related("context", "translation_of")


def _store(
    translation: Translation, department: int, rows: QuerySet[StringTranslation], segments: set[str] | None
) -> int:
    """Store the texts of `segments`, which are digests of paths and source texts; all if it is None."""
    scope = Scope(department, translation.source.locale_id, translation.target_locale_id)
    pairs = [
        TextPair(row.translation_of.data, row.data)
        for row in rows
        if segments is None or segment_digest(row.context.path, row.translation_of.data) in segments
    ]
    return store_pairs(scope, pairs, MemoryPair.Origin.HUMAN, translation.source.object_id)
