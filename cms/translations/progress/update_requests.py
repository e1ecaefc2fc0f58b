"""Requests to update the translations of a source, in the transaction of the change that they follow."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from wagtail_localize.models import TranslationSource

from cms.commit_callbacks import OncePerCommit
from cms.translations.models import TranslationUpdate

from .tasks import update_translations
from .updates import MAX_ATTEMPTS


def request_update(sources: Iterable[int], *, reads_source: bool = False) -> None:
    """Request the update of sources (primary keys), in the transaction of their change."""
    rows = [TranslationUpdate(source_id=source, reads_source=reads_source) for source in sources]
    if rows:
        TranslationUpdate.objects.bulk_create(rows)
        _processing.schedule()


def request_update_of_texts(translation_key: object, locale_id: int) -> None:
    """Request an update after texts of a content were translated into a locale."""
    sources = TranslationSource.objects.filter(object=translation_key, translations__target_locale=locale_id)
    request_update(sources.values_list("pk", flat=True))


def _enqueue() -> None:
    if TranslationUpdate.objects.filter(attempts__lt=MAX_ATTEMPTS).exists():
        update_translations.using(backend=settings.DOCUMENT_TASKS).enqueue()


_processing = OncePerCommit(_enqueue)


def sources_of(translation_key: object, locale_id: int) -> dict[int, bool]:
    """Return the sources that a version of a content concerns: True if it is the original, by key of the source."""
    concerned = Q(locale=locale_id) | Q(translations__target_locale=locale_id)
    rows = TranslationSource.objects.filter(concerned, object=translation_key).distinct()
    return {pk: locale == locale_id for pk, locale in rows.values_list("pk", "locale")}
