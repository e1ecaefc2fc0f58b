"""Requests to translate pages, which survive a crash, and the answer that somebody declines to translate one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation

MAX_REASON_LENGTH = 500


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


class DeclinedTranslationQuerySet(models.QuerySet["DeclinedTranslation"]):
    def of(self, translation: Translation) -> DeclinedTranslationQuerySet:
        """Return the row about the content and the language of a translation, if there is one."""
        source = translation.source
        pages = Page.objects.filter(translation_key=source.object_id, locale=source.locale_id)
        return self.filter(page__in=pages, locale=translation.target_locale_id)


class DeclinedTranslation(models.Model):
    """A decline: a content, named by its page in the source language, is not translated into one language.

    It ends when somebody requests, submits or publishes the translation.
    """

    wagtail_reference_index_ignore = True

    page = models.ForeignKey(Page, verbose_name=_("original"), on_delete=models.CASCADE, related_name="+")
    locale = models.ForeignKey(Locale, verbose_name=_("language"), on_delete=models.CASCADE, related_name="+")
    reason = models.TextField(_("reason"), max_length=MAX_REASON_LENGTH)
    declined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("declined by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    declined_at = models.DateTimeField(_("declined at"))

    objects = DeclinedTranslationQuerySet.as_manager()

    class Meta:
        verbose_name = _("declined translation")
        verbose_name_plural = _("declined translations")
        constraints = (models.UniqueConstraint(fields=("page", "locale"), name="translation_declined_once"),)

    def __str__(self) -> str:
        return f"declined translation of page {self.page_id} into locale {self.locale_id}"
