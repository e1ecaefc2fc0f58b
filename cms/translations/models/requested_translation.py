"""Requests to translate the pages below a page that somebody sent to translation, which survive a crash."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page


class RequestedTranslation(models.Model):
    """A page that somebody sent to translation into one language, together with a page above it."""

    wagtail_reference_index_ignore = True

    page = models.ForeignKey(Page, verbose_name=_("page"), on_delete=models.CASCADE, related_name="+")
    locale = models.ForeignKey(Locale, verbose_name=_("language"), on_delete=models.CASCADE, related_name="+")
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("sent by"), on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)

    class Meta:
        verbose_name = _("requested translation")
        verbose_name_plural = _("requested translations")
        constraints = (models.UniqueConstraint(fields=("page", "locale"), name="requested_translation_once"),)

    def __str__(self) -> str:
        return f"translation of page {self.page_id} into locale {self.locale_id}"
