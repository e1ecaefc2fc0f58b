"""The daily e-mail to an account about its translations."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TranslationDigest(models.Model):
    """The choice of an account about the daily e-mail, the date of its last one, and the pages that it names.

    An account without a row wants it, and has had none.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
    )
    is_wanted = models.BooleanField(
        _("daily e-mail about translations"),
        default=True,
        help_text=_("Names the translations that you have to write or to approve. There is none on a day without any."),
    )
    sent_on = models.DateField(_("sent on"), null=True, blank=True)
    pages = models.JSONField(_("pages"), default=list, blank=True, help_text=_("Keys of the translated pages."))

    class Meta:
        verbose_name = _("daily e-mail about translations")
        verbose_name_plural = _("daily e-mails about translations")

    def __str__(self) -> str:
        return f"digest of account {self.user_id}"
