"""The approval of a translation by somebody who may publish it, without a workflow: it waits for its release."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations.approval import load_page_for_update, save_draft
from cms.translations.drafts.reviewed_texts import keep_reviewed_machine_texts
from cms.translations.models import TranslatedRevision
from cms.translations.progress.completeness import texts_to_do
from cms.translations.progress.segments import segments_of
from cms.translations.progress.update_requests import request_update
from sites.access.ownership import department_of_page

from .release_plans import APPROVED


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
