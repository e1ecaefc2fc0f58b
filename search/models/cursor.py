"""Positions of each index in the change feed and in the changes of concepts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class IndexCursor(models.Model):
    """The last sequence number of the feed and the last change of concepts that an index has applied.

    After a crash the index may be ahead of its cursor, never behind. `epoch` is that of the feed. `mark` is a random
    value that the index stores too, new with each batch: a restored database has another one than the index.
    `next_mark` is stored before the index has it. `rebuild_reason` says why the index must be rebuilt; "" if it need
    not. `lost_languages` are codes, separated by commas, in which the index was lost and changes were skipped.
    """

    index = models.CharField(_("index"), max_length=100, unique=True)
    sequence = models.BigIntegerField(_("sequence number"), default=0)
    concept_change = models.BigIntegerField(_("change number of concepts"), default=0)
    epoch = models.UUIDField(_("epoch of the feed"), null=True, blank=True)
    mark = models.CharField(_("mark"), max_length=32, blank=True)
    next_mark = models.CharField(_("next mark"), max_length=32, blank=True)
    refused_versions = models.PositiveIntegerField(_("refused versions"), default=0)
    lost_languages = models.CharField(_("lost languages"), max_length=200, blank=True)
    rebuild_reason = models.TextField(_("reason to rebuild the index"), blank=True)
    updated_at = models.DateTimeField(_("last change"), auto_now=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("index cursor")
        verbose_name_plural = _("index cursors")

    def __str__(self) -> str:
        return f"{self.index} #{self.sequence}"
