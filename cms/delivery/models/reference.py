"""The objects on which the documents of pages depend."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class PageReference(models.Model):
    """An object on which the document of a live page depends, directly or through another object.

    The publisher replaces the rows of a page in the transaction in which it writes the document. They have no foreign
    key to the object and outlive it: after its deletion they name the documents that still show it. Wagtail's reference
    index deletes the references to an object in the transaction that deletes it.
    """

    page_id = models.BigIntegerField(_("page"))
    content_type = models.ForeignKey(
        ContentType, verbose_name=_("type of object"), on_delete=models.CASCADE, related_name="+"
    )
    object_id = models.BigIntegerField(_("object"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("reference of a document")
        verbose_name_plural = _("references of documents")
        constraints = (
            models.UniqueConstraint(
                fields=("page_id", "content_type", "object_id"), name="one_reference_per_page_and_object"
            ),
        )
        indexes = (models.Index(fields=("content_type", "object_id", "page_id"), name="pages_by_reference"),)

    def __str__(self) -> str:
        return f"{self.page_id} > {self.content_type_id} {self.object_id}"
