"""Requests to refresh published documents."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page


class RefreshRequest(models.Model):
    """A changed object whose documents must be refreshed, stored in the transaction that changed the object.

    The affected pages are computed later, under the lock of the feed. The row survives a crash between the change and
    its publication. It is deleted in the transaction that writes the documents. Changes only insert rows, so editors
    never wait for each other's locks.
    """

    class Change(models.TextChoices):
        OBJECT = "object", _("the object")
        SUBTREE = "subtree", _("the page and every page below")
        URLS = "addresses", _("the addresses of the page and of every page below")
        ORDER = "order", _("only the order of the pages below")
        CONTENT = "content", _("the page in every language, and its copies")
        CARD = "card", _("title, address or image that other documents show")
        HEADER = "header", _("only what the document says about other languages and holders")

    content_type = models.ForeignKey(
        ContentType, verbose_name=_("type of object"), on_delete=models.CASCADE, related_name="+"
    )
    object_id = models.BigIntegerField(_("object"))
    change = models.CharField(_("change"), max_length=9, choices=Change.choices, default=Change.OBJECT)
    is_urgent = models.BooleanField(
        _("urgent"), default=False, help_text=_("The change may withdraw something from the public.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("refresh request")
        verbose_name_plural = _("refresh requests")
        indexes = (
            models.Index(fields=("-is_urgent", "id"), name="refresh_order"),
            models.Index(fields=("content_type", "object_id"), name="refresh_by_object"),
        )

    def __str__(self) -> str:
        return f"{self.content_type.model} {self.object_id} ({self.change})"

    @classmethod
    def for_object(cls, instance: models.Model, *, urgent: bool = False) -> RefreshRequest:
        """Return an unsaved request for an object; unless it is a page, for all documents that show it."""
        content_type = ContentType.objects.get_for_model(instance)
        return cls(content_type=content_type, object_id=instance.pk, change=cls.Change.OBJECT, is_urgent=urgent)

    @classmethod
    def for_pages(
        cls, page_ids: Iterable[int], change: Change = Change.OBJECT, *, urgent: bool = False
    ) -> list[RefreshRequest]:
        """Return unsaved requests for the documents of pages, sorted by page id.

        The fixed order makes logs and tests comparable.
        """
        page_type = ContentType.objects.get_for_model(Page)
        return [
            cls(content_type=page_type, object_id=page_id, change=change, is_urgent=urgent)
            for page_id in sorted(set(page_ids))
        ]
