"""The state of a planned release: the draft of the original, and for each language what its publication still lacks."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.models import TranslatedRevision
from cms.translations.models.segment_state import OUTDATED_STATES, SegmentState
from cms.translations.progress.completeness import texts_to_do
from cms.translations.progress.segments import Segment, is_approved, segments_of
from sites.models import Department


@dataclass(frozen=True)
class ReleasedLanguage:
    """A translation in a release. `record` is its approval, `reason` says why it cannot be published, "" if it can."""

    translation: Translation
    page: Page | None
    texts: int
    done: int
    record: TranslatedRevision | None
    reason: str

    @property
    def locale(self) -> Locale:
        return self.translation.target_locale


@dataclass(frozen=True)
class ReleaseState:
    """The draft that a release publishes, and its languages. `reason` says why the original cannot be published."""

    original: Page
    revision: Revision | None
    languages: Sequence[ReleasedLanguage]
    reason: str

    @property
    def digest(self) -> str:
        """A digest of what the release would publish: a form carries it, so that nothing unseen is published."""
        revision = self.revision
        parts = [str(self.original.pk), f"{revision.pk} {revision.created_at.isoformat()}" if revision else ""]
        parts += [f"{each.locale.pk} {each.record.pk if each.record else ''}" for each in self.languages]
        return hashlib.blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


def load_state(original: Page, department: Department, user: Any) -> ReleaseState:
    """Return the state of a release as the user may publish it. The number of queries depends on the languages only."""
    source = TranslationSource.objects.filter(object=original.translation_key, locale=original.locale_id).first()
    revision = original.latest_revision
    languages: list[ReleasedLanguage] = []
    if source is not None:
        translations = list(release_translations(source, department))
        locales = [translation.target_locale_id for translation in translations]
        pages = {
            page.locale_id: page
            for page in Page.objects.filter(translation_key=source.object_id, locale__in=locales, alias_of=None)
            .select_related("latest_revision")
            .specific()
        }
        keys = [page.latest_revision_id for page in pages.values()]
        records = TranslatedRevision.objects.select_related("revision", "reviewed_by").in_bulk(keys)
        for translation in translations:
            page = pages.get(translation.target_locale_id)
            record = records.get(page.latest_revision_id) if page is not None else None
            languages.append(_language(translation, page, record, department, user))
    return ReleaseState(original, revision, languages, reason_of_page(original, user))


def release_translations(source: TranslationSource, department: Department) -> Any:
    """Return the translations of a source that a release may publish, by language."""
    found = Translation.objects.filter(source=source, enabled=True, target_locale__in=department.locales.all())
    return found.select_related("source__locale", "target_locale").order_by("target_locale__language_code")


def _language(
    translation: Translation, page: Page | None, record: TranslatedRevision | None, department: Department, user: Any
) -> ReleasedLanguage:
    segments = segments_of(translation)
    approval = record if is_approved(record, translation, segments) else None
    to_do = {SegmentState.UNTRANSLATED, *OUTDATED_STATES}
    done = sum(segment.state not in to_do for segment in segments)
    reason = _reason(page, segments, approval, department, user)
    return ReleasedLanguage(translation, page, len(segments), done, approval, reason)


def _reason(
    page: Page | None,
    segments: Sequence[Segment],
    approval: TranslatedRevision | None,
    department: Department,
    user: Any,
) -> str:
    if page is None:
        return _("It is not translated yet.")
    if reason := reason_of_page(page, user):
        return reason
    if reason := texts_to_do(segments, department, is_reviewed=approval is not None):
        return reason
    if approval is None:
        return _("Nobody has approved its present texts: submit it for approval, or approve it in the editor.")
    return ""


def reason_of_page(page: Page, user: Any) -> str:
    """Return why the user cannot publish the latest draft of a page now; "" if that is possible."""
    permissions = page.permissions_for_user(user)
    if not permissions.can_publish():
        return _("You may not publish it.")
    if page.workflow_in_progress:
        return _("It waits for approval: open it to approve it.")
    if permissions.page_locked():
        return _("It is locked.")
    if _goes_live_later(page):
        return _("It has a date of publication in the future: remove the date.")
    return ""


def _goes_live_later(page: Page) -> bool:
    date = page.latest_revision.content.get("go_live_at") if page.latest_revision is not None else None
    moment = datetime.datetime.fromisoformat(date) if date else None
    return moment is not None and moment > timezone.now()
