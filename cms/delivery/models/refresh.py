"""Requests to refresh published documents."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class RefreshRequest(models.Model):
    """A request to refresh the documents that show an object, stored in the transaction that changed the object.

    The row survives a crash between the change and its publication. It is deleted in the transaction that writes the
    documents. Changes only insert rows, so editors never wait for each other's locks.
    """

    class Scope(models.TextChoices):
        OBJECT = "object", _("the object")
        SUBTREE = "subtree", _("the page and every page below")
        ORDER = "order", _("only the order of the pages below")

    content_type = models.ForeignKey(
        ContentType, verbose_name=_("type of object"), on_delete=models.CASCADE, related_name="+"
    )
    object_id = models.BigIntegerField(_("object"))
    scope = models.CharField(_("scope"), max_length=7, choices=Scope.choices, default=Scope.OBJECT)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("last error"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("refresh request")
        verbose_name_plural = _("refresh requests")

    def __str__(self) -> str:
        return f"{self.content_type.model} {self.object_id} ({self.scope})"

    @classmethod
    def for_object(cls, instance: models.Model) -> RefreshRequest:
        """Return an unsaved request for all documents that show a snippet, an image, a file, a video or a consent."""
        return cls(content_type=ContentType.objects.get_for_model(instance), object_id=instance.pk)

    @classmethod
    def for_pages(cls, page_ids: Iterable[int], scope: Scope = Scope.OBJECT) -> list[RefreshRequest]:
        """Return unsaved requests for the documents of pages, sorted by page id.

        The fixed order makes logs and tests comparable.
        """
        page_type = ContentType.objects.get_for_model(Page)
        return [cls(content_type=page_type, object_id=page_id, scope=scope) for page_id in sorted(set(page_ids))]
