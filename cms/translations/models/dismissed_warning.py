"""Warnings about translated texts that a reviewer has dismissed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail_localize.models import StringTranslation


class DismissedWarning(models.Model):
    """A record that the warning of one check does not apply to a translated text.

    It holds for an original and a translation, which `texts_digest` names: the warning comes back when one changes.
    """

    string_translation = models.ForeignKey(
        StringTranslation, verbose_name=_("translation"), on_delete=models.CASCADE, related_name="dismissed_warnings"
    )
    check_name = models.CharField(_("check"), max_length=20)
    texts_digest = models.CharField(_("digest of both texts"), max_length=18)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("dismissed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    dismissed_at = models.DateTimeField(_("dismissed at"), auto_now=True)

    class Meta:
        verbose_name = _("dismissed warning")
        verbose_name_plural = _("dismissed warnings")
        constraints = (
            models.UniqueConstraint(fields=("string_translation", "check_name"), name="warning_dismissed_once"),
        )

    def __str__(self) -> str:
        return f"{self.check_name} of translation {self.string_translation_id}"
