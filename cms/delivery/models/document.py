"""Published documents and their placements."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sites.models import Department

from .stored_json import parse_body, parse_card, report_unreadable


class PublishedDocumentQuerySet(models.QuerySet["PublishedDocument"]):
    def public(self) -> PublishedDocumentQuerySet:
        """Return the documents that are public now: neither tombstones nor expired."""
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), is_withdrawn=False)

    def on_site_of(self, department: Department) -> PublishedDocumentQuerySet:
        """Return the documents with a placement on a department's site: its own, co-held and mirrored ones."""
        return self.filter(placements__department=department)


class PublishedDocument(models.Model):
    """A published content in one locale, serialised once. Withdrawn content stays as a tombstone.

    `body` is the JSON of docs/document.md, sent as it is; `etag` is its hash; `card` is its Card as JSON.
    `sequence` is the number of its last change in the change feed. The other columns repeat the values by which lists
    and readers filter: a list reads no `body`, which may have a megabyte, except those of the documents that it shows.
    """

    content_id = models.UUIDField(_("content"), help_text=_("Wagtail's translation key: the same in every locale."))
    locale = models.CharField(_("language"), max_length=20)
    type = models.CharField(_("type"), max_length=20)
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="documents",
        help_text=_("Empty for a tombstone whose department has left the instance."),
    )
    former_department = models.CharField(
        _("department that has left"), max_length=100, blank=True, help_text=_("Its slug; empty for all others.")
    )
    page_id = models.BigIntegerField(
        _("page"),
        db_index=True,
        help_text=_("Source page; no foreign key, since a tombstone outlives its page."),
    )
    title = models.CharField(_("title"), max_length=255)
    path = models.CharField(_("path"), max_length=1000)
    tree_path = models.CharField(_("place in the page tree"), max_length=255)
    in_menu = models.BooleanField(_("in menus"), default=False)
    is_original = models.BooleanField(_("original"), default=True)
    body = models.TextField(_("document"))
    etag = models.CharField(_("hash"), max_length=64)
    card = models.TextField(_("what other documents show of it"))
    list_values = models.JSONField(
        _("values of lists"),
        default=dict,
        blank=True,
        help_text=_("Texts by which lists sort and link. Empty for a tombstone."),
    )
    sequence = models.BigIntegerField(_("sequence number"), unique=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    expires_at = models.DateTimeField(_("public until"), null=True, blank=True)
    over_at = models.DateTimeField(
        _("over from"),
        null=True,
        blank=True,
        help_text=_("Midnight after its last day, in the department's time zone."),
    )
    changed_at = models.DateTimeField(_("last change"), default=timezone.now)

    objects = PublishedDocumentQuerySet.as_manager()
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("published document")
        verbose_name_plural = _("published documents")
        constraints = (
            models.UniqueConstraint(fields=("content_id", "locale"), name="one_document_per_content_and_locale"),
            models.CheckConstraint(
                condition=Q(department__isnull=False) | (Q(is_withdrawn=True) & ~Q(former_department="")),
                name="only_tombstones_outlive_departments",
            ),
        )
        indexes = (
            models.Index(fields=("type", "locale", "id"), condition=Q(is_withdrawn=False), name="public_by_type"),
            models.Index(fields=("locale", "id"), condition=Q(is_withdrawn=False), name="public_by_locale"),
            # Number, newest change and next expiry of a department's public documents, read without the documents.
            models.Index(fields=("department", "is_withdrawn", "expires_at", "sequence"), name="public_of_department"),
            # Shared documents whose path another document of the site has taken or left.
            models.Index(fields=("path",), name="document_by_path"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.content_id} ({self.locale}) #{self.sequence}"

    @property
    def department_slug(self) -> str:
        """Slug of the owner; for a tombstone of a retired department, the slug that the owner had."""
        return self.department.slug if self.department else self.former_department

    @property
    def data(self) -> dict[str, Any]:
        """The parsed JSON of the document; {} for a tombstone, and for one that cannot be read, which is reported."""
        if self.body and not self.has_body_of_publisher:
            report_unreadable(self.page_id)
            return {}
        return parse_body(self.body, self.page_id)

    @property
    def has_body_of_publisher(self) -> bool:
        """True if the hash of the document is that of the text that the publisher wrote."""
        return hashlib.sha256(self.body.encode()).hexdigest() == self.etag

    @property
    def card_data(self) -> dict[str, Any]:
        """The parsed JSON of the card; {} for a tombstone, and for one that cannot be read, which is reported."""
        return parse_card(self.card, self.page_id)


def pages_with_public_document(keys: Iterable[int]) -> set[int]:
    """Return those of these keys of pages whose documents are public now. One query."""
    documents = PublishedDocument.objects.public().filter(page_id__in=keys)
    return set(documents.values_list("page_id", flat=True))


class Placement(models.Model):
    """A public document on one department's site, at one path. Tombstones have no placement."""

    document = models.ForeignKey(
        PublishedDocument, verbose_name=_("document"), on_delete=models.CASCADE, related_name="placements"
    )
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="placements"
    )
    path = models.CharField(_("path"), max_length=1000)
    is_canonical = models.BooleanField(_("canonical address"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        constraints = (models.UniqueConstraint(fields=("document", "department"), name="one_placement_per_department"),)
        # Not unique: while two pages swap their slugs, both documents have one path until both are refreshed.
        indexes = (models.Index(fields=("department", "path"), name="placement_by_path"),)

    def __str__(self) -> str:
        return f"{self.department_id} {self.path}"
