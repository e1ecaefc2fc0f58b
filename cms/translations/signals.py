"""Signal handlers that request updates of translations, record the segments of revisions, and end assignments."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q
from django.db.models.signals import post_delete, post_save, pre_delete
from django.utils import timezone
from wagtail.models import Page, TaskState, TranslatableMixin
from wagtail.signals import page_published, page_unpublished
from wagtail_localize.models import SegmentOverride, StringTranslation, Translation, TranslationLog

from sites.access.querysets import ownership_condition
from sites.members.membership_end import roles_lost
from sites.models import Department, DepartmentLocale

from .board.assignments import end_unfounded_assignments
from .drafts.reviewed_texts import keep_reviewed_machine_texts
from .models import (
    DeclinedTranslation,
    GlossaryTerm,
    MediaText,
    MemoryPair,
    OutdatedTranslation,
    RequestedTranslation,
    TranslatedRevision,
    TranslationAssignment,
)
from .progress.completeness import record_approved
from .progress.remembered_texts import remember_snippet
from .progress.revision_records import record_revision
from .progress.segments import segments_of
from .progress.update_requests import request_update, request_update_of_texts, sources_of
from .progress.updates import public_state_changed
from .releases.release_approval import approval_rejected, override_changed
from .releases.release_plans import draft_saved, is_planned, original_published
from .withdrawn_sources import source_deleted, source_unpublished

# Fields that are saved alone when a draft is saved or a page is locked. No reader sees them.
DRAFT_FIELDS = frozenset(
    {
        "draft_title",
        "has_unpublished_changes",
        "latest_revision",
        "latest_revision_created_at",
        "locked",
        "locked_at",
        "locked_by",
        "wagtail_admin_comments",
        "comments",
    }
)


def connect() -> None:
    """Connect the handlers. The application calls it once, in `ready`."""
    post_save.connect(object_saved, dispatch_uid="translations.object_saved")
    post_save.connect(text_saved, sender=StringTranslation, dispatch_uid="translations.text_saved")
    post_delete.connect(text_deleted, sender=StringTranslation, dispatch_uid="translations.text_deleted")
    post_save.connect(override_changed, sender=SegmentOverride, dispatch_uid="translations.override_saved")
    post_delete.connect(override_changed, sender=SegmentOverride, dispatch_uid="translations.override_deleted")
    post_save.connect(translation_saved, sender=Translation, dispatch_uid="translations.translation_saved")
    post_save.connect(page_translated, sender=TranslationLog, dispatch_uid="translations.page_translated")
    post_save.connect(step_saved, sender=TaskState, dispatch_uid="translations.step_saved")
    post_delete.connect(language_removed, sender=DepartmentLocale, dispatch_uid="translations.language_removed")
    roles_lost.connect(end_unfounded_assignments, dispatch_uid="translations.roles_lost")
    page_published.connect(original_published, dispatch_uid="translations.original_published")
    page_unpublished.connect(source_unpublished, dispatch_uid="translations.source_unpublished")
    pre_delete.connect(source_deleted, dispatch_uid="translations.source_deleted")


def object_saved(
    instance: Model, raw: bool = False, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Request the update of the translations of a saved page or snippet, and of a translation that is published.

    The texts of a live page are those of its row: a draft changes only the fields of `DRAFT_FIELDS`. It is translated
    if a release is planned.
    """
    if raw or not isinstance(instance, TranslatableMixin):
        return
    if update_fields and DRAFT_FIELDS.issuperset(update_fields):
        draft_saved(instance, update_fields)
        return
    sources = sources_of(instance.translation_key, instance.locale_id)
    request_update([pk for pk, is_original in sources.items() if is_original], reads_source=True)
    request_update([pk for pk, is_original in sources.items() if not is_original])


def text_saved(
    instance: StringTranslation, raw: bool = False, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Remove the mark of an outdated text, which somebody has written or confirmed, and request an update."""
    if raw:
        return
    if update_fields is None or "data" in update_fields:
        OutdatedTranslation.objects.filter(pk=instance.pk).delete()
    _request_update_of_text(instance)


def text_deleted(instance: StringTranslation, **kwargs: Any) -> None:
    """Request an update after a translated text was removed."""
    _request_update_of_text(instance)


def _request_update_of_text(instance: StringTranslation) -> None:
    if instance.context_id is not None:
        request_update_of_texts(instance.context.object_id, instance.locale_id)


def translation_saved(instance: Translation, created: bool = False, raw: bool = False, **kwargs: Any) -> None:
    """Request the first update of a new translation, or one of a translation that is stopped or started again."""
    if raw:
        return
    if created:
        DeclinedTranslation.objects.of(instance).delete()
    request_update([instance.source_id], reads_source=created and is_planned(instance))


def page_translated(instance: TranslationLog, created: bool, **kwargs: Any) -> None:
    """Record the segments of a revision that was made from a translation. The texts of a snippet enter the memory."""
    if not created:
        return
    translation = Translation.objects.filter(source=instance.source, target_locale=instance.locale_id).first()
    if translation is None:
        return
    if instance.revision_id is None:
        remember_snippet(translation)
    else:
        record_revision(translation, instance.revision_id, segments_of(translation))
        if is_planned(translation):
            request_update([translation.source_id])


def step_saved(instance: TaskState, **kwargs: Any) -> None:
    """Record who approved a revision of a translation. Wagtail saves the approved step before it publishes.

    A later step that rejects the revision withdraws the approval.
    """
    if instance.status == TaskState.STATUS_REJECTED:
        approval_rejected(instance.revision_id)
    if instance.status != TaskState.STATUS_APPROVED:
        return
    if instance.revision is not None:
        record_approved(instance.revision)
    reviewed = TranslatedRevision.objects.filter(pk=instance.revision_id, reviewed_at=None)
    if reviewed.update(reviewed_at=timezone.now(), reviewed_by=instance.finished_by):
        pages = Page.objects.filter(live_revision=instance.revision_id).values_list("pk", flat=True)
        texts_approved(instance.revision_id)
        if page_ids := list(pages):
            public_state_changed.send(sender=Translation, page_ids=page_ids)


def texts_approved(revision_id: int) -> None:
    """Mark the texts of a machine in an approved revision as checked; tell a planned release of the approval."""
    keep_reviewed_machine_texts(revision_id)
    record = TranslatedRevision.objects.select_related("translation__source").get(pk=revision_id)
    if is_planned(record.translation):
        request_update([record.translation.source_id])


def language_removed(instance: DepartmentLocale, **kwargs: Any) -> None:
    """Delete the data of a department about translations into a language that it has lost.

    These are requests, declines, assignments, the memory, the glossary and the translated texts of media.
    """
    of_language = Q(source_locale=instance.locale_id) | Q(target_locale=instance.locale_id)
    for owned in (MemoryPair, GlossaryTerm):
        owned.objects.filter(of_language, department=instance.department_id).delete()
    containers = Department.objects.filter(pk=instance.department_id).values_list("container__path", flat=True)
    for path in containers:  # None if the department itself is deleted.
        for model in (RequestedTranslation, DeclinedTranslation, TranslationAssignment):
            model.objects.filter(locale=instance.locale_id, page__path__startswith=path).delete()
    for department in Department.objects.filter(pk=instance.department_id):
        texts = MediaText.objects.filter(locale=instance.locale_id)
        texts.filter(ownership_condition(MediaText, [department])).delete()
