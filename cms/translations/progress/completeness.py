"""Incomplete translations: what is not translated, and whether the page may be published."""

from __future__ import annotations

from typing import Any

from django.utils.translation import ngettext
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations.models import TranslatedRevision
from cms.translations.progress.revision_records import record_revision, segments_in
from sites.access.ownership import department_of_page


def publication_errors(page: Page) -> dict[str, Any]:
    """Return the errors that prevent the publication of `page.live_revision`, by field name; {} if there are none.

    Wagtail sets `live_revision` before it saves a page that is to be published. A page that already shows the revision
    may be saved.
    """
    record = _record_of(page)
    if record is None or not record.untranslated:
        return {}
    if Page.objects.filter(pk=page.pk, live=True, live_revision=page.live_revision_id).exists():
        return {}
    department = department_of_page(page)
    if department is not None and department.publishes_partial_translations:
        return {}
    return {"title": untranslated_message(record.untranslated, len(record.segments))}


def _record_of(page: Page) -> TranslatedRevision | None:
    """Return the record of `page.live_revision`; make one from its texts if it came about without wagtail-localize.

    So comes a revision to which somebody went back. A page that nobody translates has no record.
    """
    if not page.live_revision_id:
        return None
    record = TranslatedRevision.objects.filter(pk=page.live_revision_id).first()
    if record is not None:
        return record
    translation = Translation.objects.filter(
        source__object=page.translation_key, target_locale=page.locale_id, enabled=True
    ).first()
    if translation is None or str(page.live_revision.object_id) != str(page.pk):
        return None
    return record_revision(translation, page.live_revision_id, segments_in(translation, page))


def untranslated_message(untranslated: int, segments: int) -> str:
    """Say how many texts of a translation are missing."""
    message = ngettext(
        "%(missing)d of %(total)d texts is not translated yet.",
        "%(missing)d of %(total)d texts are not translated yet.",
        untranslated,
    )
    return message % {"missing": untranslated, "total": segments}
