"""Copies of what another department offers: where they come from, and what was copied with them."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models import Department, Sharing


class CopyOrigin(models.Model):
    """Where a copy comes from, and its origin's state at the last merge.

    `base` holds the origin's fields as JSON values by name, as published then; `taken` what they became in the copy,
    whose references lead to rows of its own department. A field that is kept as it is here is missing from `taken`.
    Values and not a revision's key: old revisions are purged, and belong to the other department.
    """

    content_key = models.UUIDField(_("copy"), unique=True, help_text=_("Translation key of the copy."))
    origin_key = models.UUIDField(_("origin"), db_index=True, help_text=_("Translation key of the origin."))
    sharing = models.ForeignKey(
        Sharing,
        verbose_name=_("offer"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="copies",
        help_text=_("Empty when the owner has left the instance: the copy then stays offline."),
    )
    base = models.JSONField(_("origin at the last merge"))
    taken = models.JSONField(_("what was taken over"))
    merged_at = models.DateTimeField(_("last merge"), auto_now=True)

    class Meta:
        verbose_name = _("origin of a copy")
        verbose_name_plural = _("origins of copies")

    def __str__(self) -> str:
        return f"{self.content_key} < {self.origin_key}"

    @property
    def is_in_force(self) -> bool:
        """Whether the origin's owner still offers it, and the copy may be public."""
        return self.sharing is not None and self.sharing.is_copied


class CopiedMedium(models.Model):
    """An image, a document or a video that a department copied from another's, once for all its copies."""

    content_type = models.ForeignKey(ContentType, verbose_name=_("type"), on_delete=models.CASCADE, related_name="+")
    department = models.ForeignKey(Department, verbose_name=_("department"), on_delete=models.CASCADE, related_name="+")
    origin_id = models.BigIntegerField(_("origin"))
    copy_id = models.BigIntegerField(_("copy"))

    class Meta:
        verbose_name = _("copied medium")
        verbose_name_plural = _("copied media")
        constraints = (
            models.UniqueConstraint(
                fields=("content_type", "department", "origin_id"), name="one_copy_of_a_medium_per_department"
            ),
        )

    def __str__(self) -> str:
        return f"{self.content_type.model} {self.origin_id} > {self.copy_id}"
