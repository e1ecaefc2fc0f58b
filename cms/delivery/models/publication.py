"""The next change and the last error of the document of a page."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicationState(models.Model):
    """The date on which the document of a page must change, or the error that prevents it from being written.

    Only pages with a date or an error have a row.
    """

    page_id = models.BigIntegerField(_("page"), primary_key=True)
    next_change_at = models.DateTimeField(
        _("next change"),
        null=True,
        blank=True,
        db_index=True,
        help_text=_(
            "When a date in the document or in an object that it shows is reached, or the next attempt is due."
        ),
    )
    error = models.TextField(_("last error"), blank=True)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failed_at = models.DateTimeField(_("fails since"), null=True, blank=True, db_index=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("publication state")
        verbose_name_plural = _("publication states")

    def __str__(self) -> str:
        return f"{self.page_id} {self.next_change_at} {self.error}"
