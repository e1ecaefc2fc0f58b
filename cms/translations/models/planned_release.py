"""Releases that are being prepared: an original whose draft is translated before it is public."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page
from wagtail_localize.models import Translation, TranslationSource


class PlannedReleaseQuerySet(models.QuerySet["PlannedRelease"]):
    def of_source(self, source: TranslationSource) -> PlannedReleaseQuerySet:
        """Return the release of the content of a source, if one is planned."""
        return self.filter(page__translation_key=source.object_id, page__locale=source.locale_id)

    def of_translation(self, translation: Translation) -> PlannedReleaseQuerySet:
        """Return the release to which a translation belongs. One that is stopped belongs to none."""
        return self.of_source(translation.source) if translation.enabled else self.none()


class PlannedRelease(models.Model):
    """A release in preparation: an original and its translations, which are published together.

    While the row exists, translators translate the latest draft of the original, and approved pages wait. The row ends
    with the publication of the original, or when somebody ends the preparation.
    """

    wagtail_reference_index_ignore = True

    page = models.OneToOneField(
        Page, verbose_name=_("original"), on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    planned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("prepared by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    planned_at = models.DateTimeField(_("prepared since"), auto_now_add=True)

    objects = PlannedReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("planned release")
        verbose_name_plural = _("planned releases")

    def __str__(self) -> str:
        return f"planned release of page {self.page_id}"
