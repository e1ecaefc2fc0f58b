"""Approvals that wait for a release: by somebody who may publish, without a workflow; and how they end."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail_localize.models import SegmentOverride, Translation

from cms.translations.approval import load_page_for_update, save_draft
from cms.translations.drafts.reviewed_texts import keep_reviewed_machine_texts
from cms.translations.models import TranslatedRevision
from cms.translations.progress.completeness import texts_to_do
from cms.translations.progress.segments import segments_of
from cms.translations.progress.update_requests import request_update
from sites.access.ownership import department_of_page

from .release_plans import APPROVED, is_planned


@transaction.atomic
def approve_for_release(translation: Translation, user: Any) -> None:
    """Save the texts of a translation as a revision that is approved. The caller has checked the permission.

    Raises ValidationError if a release could not publish these texts.
    """
    page = load_page_for_update(translation)
    try:
        if reason := texts_to_do(segments_of(translation), department_of_page(page), is_reviewed=True):
            raise ValidationError(reason)
        with transaction.atomic():
            save_draft(translation, user)
    except ValidationError as error:
        reasons = {"page": page.get_admin_display_title(), "reasons": " ".join(error.messages)}
        raise ValidationError(_("“%(page)s” was not approved: %(reasons)s") % reasons) from error
    revision = Page.objects.values_list("latest_revision", flat=True).get(pk=page.pk)
    TranslatedRevision.objects.filter(pk=revision).update(reviewed_at=timezone.now(), reviewed_by=user)
    keep_reviewed_machine_texts(revision)
    log(instance=page, action=APPROVED, user=user)
    request_update([translation.source_id])


def approval_rejected(revision_id: int) -> None:
    """Withdraw the approval of a revision that a later step of its workflow has rejected, unless it is public."""
    record = TranslatedRevision.objects.select_related("translation__source").filter(pk=revision_id).first()
    if record is not None and not Page.objects.filter(live_revision=revision_id).exists():
        _withdraw(record)


def override_changed(instance: SegmentOverride, raw: bool = False, **kwargs: Any) -> None:
    """Withdraw the approval of a translation whose image, link or document changes before its release."""
    if raw or instance.context_id is None:
        return
    translations = Translation.objects.filter(
        source__object=instance.context.object_id, target_locale=instance.locale_id, enabled=True
    )
    for translation in translations.select_related("source"):
        if not is_planned(translation):
            continue
        pages = Page.objects.filter(translation_key=translation.source.object_id, locale=instance.locale_id)
        for record in TranslatedRevision.objects.filter(pk__in=pages.values("latest_revision")):
            _withdraw(record)


def _withdraw(record: TranslatedRevision) -> None:
    if record.reviewed_at is not None:
        TranslatedRevision.objects.filter(pk=record.pk).update(reviewed_at=None, reviewed_by=None)
        request_update([record.translation.source_id])
