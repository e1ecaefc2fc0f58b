"""The mark of a translation whose source text has changed since it was written."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import StringTranslation


class OutdatedTranslation(models.Model):
    """A mark: the translation of a changed source text is that of the former text.

    A row exists until somebody writes or confirms the translation.
    """

    string_translation = models.OneToOneField(
        StringTranslation,
        verbose_name=_("translation"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="outdated",
    )
    former_source = models.TextField(
        _("former source text"), help_text=_("The text of which this is a translation, as an HTML fragment.")
    )
    since = models.DateTimeField(_("outdated since"))

    class Meta:
        verbose_name = _("outdated translation")
        verbose_name_plural = _("outdated translations")

    def __str__(self) -> str:
        return f"outdated translation {self.pk}"
