"""The public documents that an index does not contain, since they could not be converted."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_ERROR_LENGTH = 250


class UnindexedDocument(models.Model):
    """A version of a document that could not be indexed, and why. The index has no older version of it either.

    The row goes when the index takes a later version, or the document is withdrawn.
    """

    index = models.CharField(_("index"), max_length=100)
    content_id = models.UUIDField(_("content"))
    locale = models.CharField(_("language"), max_length=20)
    error = models.CharField(_("error"), max_length=MAX_ERROR_LENGTH)
    failed_at = models.DateTimeField(_("failed at"), auto_now=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("document that is not indexed")
        verbose_name_plural = _("documents that are not indexed")
        constraints = (
            models.UniqueConstraint(fields=("index", "content_id", "locale"), name="one_failure_per_document"),
        )

    def __str__(self) -> str:
        return f"{self.content_id}:{self.locale}"
