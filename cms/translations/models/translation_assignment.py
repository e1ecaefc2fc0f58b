"""The model of assignments: the translator of a content into a language, and the due date."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Locale, Page


class TranslationAssignment(models.Model):
    """The assignee and the due date of a content in one language; either may be missing.

    The content is named by its page in the source language, so that it can be assigned before its translation exists.
    The assignee is a translator or reviewer of the page's department in this language
    (`cms.translations.board.assignments`).
    """

    wagtail_reference_index_ignore = True

    page = models.ForeignKey(Page, verbose_name=_("original"), on_delete=models.CASCADE, related_name="+")
    locale = models.ForeignKey(Locale, verbose_name=_("language"), on_delete=models.CASCADE, related_name="+")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("assigned to"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)

    class Meta:
        verbose_name = _("assignment of a translation")
        verbose_name_plural = _("assignments of translations")
        constraints = (models.UniqueConstraint(fields=("page", "locale"), name="translation_assigned_once"),)

    def __str__(self) -> str:
        return f"assignment of page {self.page_id} in locale {self.locale_id}"
