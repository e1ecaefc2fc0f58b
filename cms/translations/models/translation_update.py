"""Requests to bring translations in step with their source, which survive a crash."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import TranslationSource


class TranslationUpdate(models.Model):
    """A request to update the translations of a source, added in the transaction of the change."""

    source = models.ForeignKey(
        TranslationSource, verbose_name=_("source"), on_delete=models.CASCADE, related_name="requested_updates"
    )
    reads_source = models.BooleanField(
        _("reads the source"), default=False, help_text=_("The original has changed, not only its translations.")
    )
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)
    code = models.CharField(_("code of the last error"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("update of translations")
        verbose_name_plural = _("updates of translations")

    def __str__(self) -> str:
        return f"update of translations of source {self.source_id}"
