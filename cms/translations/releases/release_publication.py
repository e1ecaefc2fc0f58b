"""The publication of a release: the draft of the original and the chosen translations, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import LogContext, log
from wagtail.models import Page, Revision
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.approval import save_draft
from cms.translations.drafts.reviewed_texts import keep_reviewed_machine_texts
from cms.translations.models import PlannedRelease, TranslatedRevision
from cms.translations.progress.update_requests import request_update
from cms.translations.submission import lock_languages
from sites.models import Department

from .release_plans import RELEASED
from .release_state import ReleasedLanguage, ReleaseState, load_state, release_translations


@transaction.atomic
def publish_release(page: Page, department: Department, locales: Collection[int], user: Any, seen: str) -> ReleaseState:
    """Publish the latest draft of an original with its translations into some languages; return what was published.

    `locales` are keys of languages, `seen` the digest of the state that the user has seen. Either all pages are
    published, or none: raises ValidationError with a sentence for each page that is not ready. The translations of the
    other languages stay as they are, and the release ends.
    """
    source = _lock(page, department)
    if source is None or not PlannedRelease.objects.select_for_update().filter(page=page).exists():
        raise ValidationError(_("This release has been published or ended meanwhile."))
    source.update_from_db()  # A task does this after each change, perhaps later than this request.
    original = Page.objects.select_related("latest_revision").get(pk=page.pk).specific
    # The user may have lost a role while this transaction waited for the locks.
    state = load_state(original, department, get_user_model()._default_manager.get(pk=user.pk))
    _refuse_unready(state, locales, seen)
    chosen = [each for each in state.languages if each.locale.pk in locales]
    revisions = [(each, _approved_revision(each, user)) for each in chosen]
    PlannedRelease.objects.filter(page=page).delete()  # It keeps translations from being published alone.
    languages = [each.locale.language_code for each in chosen]
    is_changed = original.has_unpublished_changes or not original.live
    _publish(state.revision if is_changed else None, original, _("Original"), user, languages)
    for each, revision in revisions:
        _publish(revision, each.page, each.locale.get_display_name(), user, languages)
    request_update([source.pk], reads_source=True)
    return state


def _lock(page: Page, department: Department) -> TranslationSource | None:
    """Lock the languages of the department, the translations, their pages and the source; return the source.

    The editor locks a translation, then its page; the update of translations locks their source first.
    """
    lock_languages(page)
    sources = TranslationSource.objects.filter(object=page.translation_key, locale=page.locale_id)
    source = sources.first()
    if source is None:
        return None
    keys = release_translations(source, department).values_list("pk", flat=True)
    locked = Translation.objects.select_for_update(no_key=True).filter(pk__in=list(keys)).order_by("pk")
    locales = [translation.target_locale_id for translation in locked]
    versions = Page.objects.filter(translation_key=page.translation_key, locale__in=[page.locale_id, *locales])
    list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return sources.select_for_update(no_key=True).get()


def _refuse_unready(state: ReleaseState, locales: Collection[int], seen: str) -> None:
    """Raise ValidationError with all reasons that keep the original or a chosen language from publication."""
    reasons = [_named(_("Original"), [state.reason])] if state.reason else []
    reasons += [
        _named(each.locale.get_display_name(), [each.reason])
        for each in state.languages
        if each.locale.pk in locales and each.reason
    ]
    if reasons:
        raise ValidationError(reasons)
    if not locales:
        raise ValidationError(_("Choose at least one language. To publish the original alone, use its own editor."))
    if not {each.locale.pk for each in state.languages}.issuperset(locales) or state.digest != seen:
        message = _("The original or a translation has changed since you opened this screen. Look at it again.")
        raise ValidationError(message)


def _approved_revision(language: ReleasedLanguage, user: Any) -> Revision:
    """Save the approved texts with the present images and other values of the draft; return the revision.

    The approval holds for it: its texts are those that were approved.
    """
    try:
        with LogContext(user=user):
            save_draft(language.translation, user)
    except ValidationError as error:
        raise ValidationError(_named(language.locale.get_display_name(), error.messages)) from error
    page = Page.objects.select_related("latest_revision").get(pk=language.page.pk)  # type: ignore[union-attr]
    revision: Revision = page.latest_revision
    approval = language.record
    if approval is not None:
        TranslatedRevision.objects.filter(pk=revision.pk).update(
            reviewed_at=approval.reviewed_at, reviewed_by=approval.reviewed_by
        )
        keep_reviewed_machine_texts(revision.pk)
    return revision


def _publish(revision: Revision | None, page: Any, name: str, user: Any, languages: Collection[str]) -> None:
    """Publish a revision of a page, if there is one, and log the release.

    The histories of Wagtail show the last entry of each log context only, of whatever page it is.
    """
    try:
        with LogContext(user=user):
            if revision is not None:
                revision.publish(user=user)
            log(instance=page, action=RELEASED, user=user, data={"languages": list(languages)})
    except ValidationError as error:
        raise ValidationError(_named(name, error.messages)) from error


def _named(name: str, reasons: Iterable[str]) -> str:
    return _("%(language)s: %(reason)s") % {"language": name, "reason": " ".join(reasons)}
