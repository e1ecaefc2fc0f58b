"""The files that published documents show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PublicFileQuerySet(models.QuerySet["PublicFile"]):
    def current(self) -> PublicFileQuerySet:
        """Return the files whose published document is public now."""
        return self.filter(Q(public_until=None) | Q(public_until__gt=timezone.now()))


class PublicFile(models.Model):
    """A file that a published document shows: a rendition, a document, a video or captions.

    The publisher writes the rows in the transaction in which it writes or withdraws the document. The public gets no
    file without a row, except logos of departments.
    """

    name = models.CharField(_("file"), max_length=100, help_text=_("Its name in the storage."))
    document = models.ForeignKey(
        "delivery.PublishedDocument",
        verbose_name=_("published document"),
        on_delete=models.CASCADE,
        related_name="files",
    )
    public_until = models.DateTimeField(_("public until"), null=True, blank=True)

    objects = PublicFileQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("public file")
        verbose_name_plural = _("public files")
        constraints = (
            # Its index starts with the name, by which each request for a file looks it up.
            models.UniqueConstraint(fields=("name", "document"), name="one_public_file_per_document"),
        )

    def __str__(self) -> str:
        return self.name
