"""The texts of files that published documents show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FileText(models.Model):
    """The text of a file by the hash of its content, extracted once for all documents that show the file.

    A row without `read_at` waits to be read. `is_indexed` is True once the documents that show the file have been
    indexed with its text.
    """

    hash = models.CharField(_("hash"), max_length=40, unique=True)
    text = models.TextField(_("text"), blank=True)
    problem = models.CharField(_("problem"), max_length=250, blank=True, help_text=_("Why there is no text."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    begun_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True, db_index=True)
    is_indexed = models.BooleanField(_("indexed"), default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("text of a file")
        verbose_name_plural = _("texts of files")
        indexes = (
            models.Index(fields=("id",), condition=Q(read_at=None), name="texts_waiting"),
            models.Index(fields=("id",), condition=Q(is_indexed=False), name="texts_not_indexed"),
            models.Index(fields=("hash",), condition=~Q(problem=""), name="texts_unreadable"),
        )

    def __str__(self) -> str:
        return self.hash
