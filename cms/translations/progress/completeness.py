"""Incomplete translations: what is not translated, and whether the page may be published or copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import Locale, Page, Revision
from wagtail_localize.models import Translation, TranslationSource

from cms.translations.models import PlannedRelease, TranslatedRevision
from cms.translations.models.segment_state import MACHINE_STATES, OUTDATED_STATES, SegmentState
from cms.translations.progress.revision_records import record_of_texts, record_revision, segments_in
from cms.translations.progress.segments import Segment, segments_of
from sites.access.ownership import department_of_page
from sites.models import Department


def publication_errors(page: Page) -> dict[str, Any]:
    """Return the errors that prevent the publication of `page.live_revision`, by field name; {} if there are none.

    Wagtail sets `live_revision` before it saves a page that is to be published. A page that already shows the revision
    may be saved.
    """
    record = _record_of(page)
    if record is None:
        return {}
    is_in_release = PlannedRelease.objects.of_translation(record.translation).exists()
    if not (is_in_release or _unfinished(record)):
        return {}
    if Page.objects.filter(pk=page.pk, live=True, live_revision=page.live_revision_id).exists():
        return {}
    return {"title": [release_message()]} if is_in_release else _errors_of(record, page)


def form_errors(page: Page) -> dict[str, Any]:
    """Return the errors that prevent the publication of a page as a form has changed it; {} if there are none.

    The form of a page opens when its translation is stopped. Without this check the publication would be refused after
    it, and what was typed would be lost.
    """
    translation = _translations_of([page]).get((page.translation_key, page.locale_id))
    if translation is None or translation.enabled:
        return {}
    return _errors_of(record_of_texts(translation, segments_in(translation, page)), page)


def _errors_of(record: TranslatedRevision, page: Page) -> dict[str, Any]:
    department = department_of_page(page)
    messages = []
    if record.untranslated and not (department is not None and department.publishes_partial_translations):
        messages.append(untranslated_message(record.untranslated, len(record.segments)))
    if _is_unchecked(record) and not (department is not None and department.publishes_machine_translations):
        messages.append(unchecked_message() if record.translation.enabled else stopped_message())
    return {"title": messages} if messages else {}


def refuse_copies_of_unfinished_translations(pages: Iterable[Page]) -> None:
    """Raise ValidationError for the first page whose draft or public text is an unfinished translation.

    Such a text is incomplete, or has texts of a machine translator that nobody has reviewed. Two queries and, for a
    translated page whose draft other code has saved, those of its texts.
    """
    pages = list(pages)
    revisions = {key for page in pages for key in (page.live_revision_id, page.latest_revision_id) if key}
    records = TranslatedRevision.objects.in_bulk(revisions)
    translations = _translations_of([page for page in pages if page.latest_revision_id not in records])
    for page in pages:
        found = [records[key] for key in (page.latest_revision_id, page.live_revision_id) if key in records]
        if (translation := translations.get((page.translation_key, page.locale_id))) is not None:
            draft = page.get_latest_revision_as_object()
            record = record_of_texts(translation, segments_in(translation, draft))
            if translation.enabled or record.has_machine_texts:
                found.append(record)
        for record in found:
            if reason := _unfinished(record):
                title = page.get_admin_display_title()
                message = _("“%(page)s” cannot be copied: %(reason)s Copy the original, and send it to translation.")
                raise ValidationError({NON_FIELD_ERRORS: message % {"page": title, "reason": reason}})


def is_unfinished(page: Page) -> bool:
    """Return True if the public text of a page is an incomplete translation, or one of a machine without review."""
    record = TranslatedRevision.objects.filter(pk=page.live_revision_id).first()
    return record is not None and bool(_unfinished(record))


def refuse_unchecked_snippet(source: TranslationSource, locale: Locale) -> None:
    """Raise ValidationError if a snippet has texts of a machine that nobody has checked.

    The pages that show it could not say so to their readers: no setting of a department allows it.
    """
    model = ContentType.objects.get_for_id(source.specific_content_type_id).model_class()
    if model is None or issubclass(model, Page):
        return
    translation = source.translations.filter(target_locale=locale, enabled=True).first()
    if translation is not None and any(segment.state in MACHINE_STATES for segment in segments_of(translation)):
        raise ValidationError(unchecked_message())


def _unfinished(record: TranslatedRevision) -> str:
    """Return in which way the texts of a record are an unfinished translation; "" if they are none."""
    if record.untranslated:
        return untranslated_message(record.untranslated, len(record.segments))
    return _("Nobody has reviewed its machine translations.") if _is_unchecked(record) else ""


def _is_unchecked(record: TranslatedRevision) -> bool:
    """Return True if the texts have some of a machine, and nobody has approved them."""
    return record.has_machine_texts and record.reviewed_at is None


def unchecked_message() -> str:
    """Return the message that texts of a machine have to be checked, and how."""
    return _(
        "Nobody has checked its machine translations yet: submit it for approval, or confirm each of them in the"
        " editor of translations."
    )


def release_message() -> str:
    """Return the message that a translation is published with its original only."""
    return _(
        "Its texts are those of a draft of the original: it is published with the original, on the screen of the"
        " release."
    )


def stopped_message() -> str:
    """Return the message that a page whose translation is stopped still shows texts of a machine, and what to do."""
    return _(
        "Nobody has checked the machine translations that this page still shows, and its translation is stopped: write"
        " these texts anew, submit the page for approval, or start the translation again and confirm each of them."
    )


def _translations_of(pages: Iterable[Page]) -> dict[tuple[Any, int], Translation]:
    """Return the translations of which the pages are the targets, by content and key of the language.

    A running one goes before a stopped one.
    """
    condition = Q(pk__in=[])
    for page in pages:
        condition |= Q(source__object=page.translation_key, target_locale=page.locale_id)
    rows = Translation.objects.filter(condition).select_related("source", "target_locale")
    return {(row.source.object_id, row.target_locale_id): row for row in rows.order_by("enabled", "pk")}


def _record_of(page: Page) -> TranslatedRevision | None:
    """Return the record of `page.live_revision`; make one from its texts if wagtail-localize has not.

    Such a revision is a restored one, or one of a page whose translation is stopped. The latter has a record only if it
    still shows texts of a machine. A page that nobody translates has none.
    """
    if not page.live_revision_id:
        return None
    record = TranslatedRevision.objects.filter(pk=page.live_revision_id).first()
    return record or _recorded(page, page.live_revision)


def record_approved(revision: Revision) -> None:
    """Make the record of an approved revision, if wagtail-localize has not."""
    if not TranslatedRevision.objects.filter(pk=revision.pk).exists():
        page = revision.as_object()
        if isinstance(page, Page):
            _recorded(page, revision)


def _recorded(page: Page, revision: Revision) -> TranslatedRevision | None:
    translation = _translations_of([page]).get((page.translation_key, page.locale_id))
    if translation is None or str(revision.object_id) != str(page.pk):
        return None
    segments = segments_in(translation, page)
    if not translation.enabled and not any(segment.state in MACHINE_STATES for segment in segments):
        return None
    return record_revision(translation, revision.pk, segments)


def untranslated_message(untranslated: int, segments: int) -> str:
    """Return the message with the number of missing texts of a translation."""
    message = ngettext(
        "%(missing)d of %(total)d texts is not translated yet.",
        "%(missing)d of %(total)d texts are not translated yet.",
        untranslated,
    )
    return message % {"missing": untranslated, "total": segments}


def texts_to_do(segments: Sequence[Segment], department: Department | None, *, is_reviewed: bool) -> str:
    """Return why the texts of a translation cannot be released; "" if they can.

    Nothing may be untranslated, unless the department allows it, nothing outdated, and nothing of a machine unchecked,
    unless the department allows it.
    """
    states = [segment.state for segment in segments]
    missing = states.count(SegmentState.UNTRANSLATED)
    if missing and not (department is not None and department.publishes_partial_translations):
        return untranslated_message(missing, len(states))
    outdated = sum(state in OUTDATED_STATES for state in states)
    if outdated:
        message = ngettext(
            "%(number)d text is the translation of a former text: change it, or confirm that it still fits.",
            "%(number)d texts are translations of former texts: change them, or confirm that they still fit.",
            outdated,
        )
        return message % {"number": outdated}
    is_unchecked = not is_reviewed and not MACHINE_STATES.isdisjoint(states)
    if is_unchecked and not (department is not None and department.publishes_machine_translations):
        return unchecked_message()
    return ""
