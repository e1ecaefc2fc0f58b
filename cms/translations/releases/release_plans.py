"""Planned releases: their beginning and end, and the pages that belong to them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, log
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.models import PlannedRelease
from cms.translations.progress.update_requests import request_update

PLANNED, ENDED = "translations.release_planned", "translations.release_ended"
APPROVED, RELEASED = "translations.release_approved", "translations.released"


@transaction.atomic
def plan_release(page: Page, user: Any) -> None:
    """Let the translators of an original translate its latest draft. Raises ValidationError if they do already."""
    keys = list(_sources(page).select_for_update(no_key=True).values_list("pk", flat=True))
    if not Translation.objects.filter(source__in=keys, enabled=True).exists():
        raise ValidationError(_("No language has been requested yet: send the page to translation first."))
    _plan, is_new = PlannedRelease.objects.get_or_create(page=page, defaults={"planned_by": user})
    if not is_new:
        raise ValidationError(_("Somebody has begun to prepare this release already."))
    log(instance=page, action=PLANNED, user=user)
    request_update(keys, reads_source=True)


@transaction.atomic
def end_release(page: Page, user: Any) -> None:
    """Let translators translate the public original again. Nothing is published, and all texts are kept."""
    sources = list(_sources(page).select_for_update(no_key=True))
    number, _rows = PlannedRelease.objects.filter(page=page).delete()
    if not number:
        raise ValidationError(_("This release has been published or ended meanwhile."))
    log(instance=page, action=ENDED, user=user)
    for source in sources:
        # Translations of the draft are not offered as former translations of the public texts.
        source.has_public_texts_again = True
        source.update_from_db()
    request_update([source.pk for source in sources], reads_source=True)


def _sources(page: Page) -> Any:
    return TranslationSource.objects.filter(object=page.translation_key, locale=page.locale_id)


def original_published(instance: Page, **kwargs: Any) -> None:
    """End the release of an original that is public now; the handler of Wagtail's signal `page_published`.

    The save of the page has requested the update of its translations.
    """
    if instance.live:
        PlannedRelease.objects.filter(page=instance.pk).delete()


def draft_saved(instance: Any, update_fields: frozenset[str]) -> None:
    """Request the update of the translations of an original whose draft is prepared for a release."""
    if "latest_revision" not in update_fields or not isinstance(instance, Page):
        return
    if PlannedRelease.objects.filter(page=instance.pk).exists():
        sources = TranslationSource.objects.filter(object=instance.translation_key, locale=instance.locale_id)
        request_update(sources.values_list("pk", flat=True), reads_source=True)


def is_planned(translation: Translation) -> bool:
    """Return True if the translation is to be published with the draft of its original."""
    return PlannedRelease.objects.of_translation(translation).exists()


def release_of(page: Page) -> PlannedRelease | None:
    """Return the planned release of which a page is the original or a translation, or None. At most two queries."""
    releases = PlannedRelease.objects.filter(page__translation_key=page.translation_key)
    release = releases.select_related("page").first()
    if release is None or release.page_id == page.pk:
        return release
    translations = Translation.objects.filter(
        source__object=page.translation_key,
        source__locale=release.page.locale_id,
        target_locale=page.locale_id,
        enabled=True,
    )
    return release if translations.exists() else None


LABELS: dict[str, tuple[str | Promise, str | Promise]] = {
    PLANNED: (gettext_lazy("Release: prepare"), gettext_lazy("Began to prepare a release with its translations")),
    ENDED: (gettext_lazy("Release: end"), gettext_lazy("Ended the preparation of a release")),
    APPROVED: (gettext_lazy("Release: approve"), gettext_lazy("Approved the translation for its release")),
    RELEASED: (gettext_lazy("Release: publish"), gettext_lazy("Published as part of a release")),
}


def release_log_actions(actions: LogActionRegistry) -> None:
    """Register the log actions; the hook `register_log_actions`."""
    for action, (label, sentence) in LABELS.items():
        actions.register_action(action, label, sentence)
