"""Content that a second department holds together with its owner."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .department import Department


class CoHoldingQuerySet(models.QuerySet["CoHolding"]):
    def in_force(self) -> CoHoldingQuerySet:
        """Accepted by the second department and not withdrawn since."""
        return self.filter(accepted_at__isnull=False, withdrawn_at__isnull=True)


class CoHolding(models.Model):
    """Another department's agreement to hold a content (all its locales) with the owner.

    Nothing is copied: the one document then stands on both sites. Only an accepted row has an effect, so an
    owner cannot place anything on another department's site alone.
    """

    content_key = models.UUIDField(
        _("content"), db_index=True, help_text=_("Translation key that all locales of the content share.")
    )
    department = models.ForeignKey(
        Department, verbose_name=_("invited department"), on_delete=models.CASCADE, related_name="co_holdings"
    )
    invited_at = models.DateTimeField(_("invited at"), auto_now_add=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = CoHoldingQuerySet.as_manager()

    class Meta:
        verbose_name = _("co-held content")
        verbose_name_plural = _("co-held contents")
        constraints = (
            models.UniqueConstraint(fields=("content_key", "department"), name="one_co_holding_per_department"),
        )

    def __str__(self) -> str:
        return f"{self.content_key} + {self.department.slug}"

    def accept(self) -> None:
        """Put the content on the invited department's site as well."""
        self.accepted_at, self.withdrawn_at = timezone.now(), None
        self.save()

    def withdraw(self) -> None:
        """Take the content off the invited department's site again."""
        self.withdrawn_at = timezone.now()
        self.save()
