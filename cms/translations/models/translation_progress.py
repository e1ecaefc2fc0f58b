"""The progress of a translation, in segments and words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import Translation


class TranslationProgress(models.Model):
    """Counts of the segments of a translation, and how far its public page is behind the original.

    Everything is computed from other rows, by `cms.translations.progress.updates`.
    """

    translation = models.OneToOneField(
        Translation, verbose_name=_("translation"), on_delete=models.CASCADE, primary_key=True, related_name="progress"
    )
    segments = models.PositiveIntegerField(_("segments"), default=0)
    translated = models.PositiveIntegerField(_("translated"), default=0, help_text=_("Including outdated ones."))
    outdated = models.PositiveIntegerField(_("outdated"), default=0)
    machine = models.PositiveIntegerField(_("machine-translated"), default=0)
    words = models.PositiveIntegerField(_("words"), default=0, help_text=_("Of the source texts."))
    words_to_do = models.PositiveIntegerField(_("words to do"), default=0, help_text=_("Untranslated or outdated."))
    public_outdated = models.PositiveIntegerField(
        _("outdated on the public page"), default=0, help_text=_("Segments that differ from the original.")
    )
    public_outdated_since = models.DateTimeField(_("outdated since"), null=True)
    public_untranslated = models.PositiveIntegerField(
        _("untranslated on the public page"), default=0, help_text=_("Segments in the language of the original.")
    )
    is_public_machine = models.BooleanField(
        _("public page of a machine"), default=False, help_text=_("Nobody has checked any text of the public page.")
    )
    is_approved = models.BooleanField(
        _("approved"), default=False, help_text=_("For a planned release: its present texts are approved.")
    )
    remembered_revision = models.PositiveBigIntegerField(
        _("version in the memory"), null=True, help_text=_("The public version whose texts the memory has.")
    )

    class Meta:
        verbose_name = _("progress of a translation")
        verbose_name_plural = _("progress of translations")

    def __str__(self) -> str:
        return f"{self.translated}/{self.segments}"
