"""Models of copies: the origin of a copied page, and the copied media files."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from sites.models import Department, Sharing


class CopyOrigin(models.Model):
    """The origin of a copy, with the state of the last merge.

    `base` has the JSON values of the origin's fields by name at the last merge. `taken` has the values that the copy
    took over, with references to rows of its own department; a field for which the copy kept its own value is absent.
    The values are stored, because revisions of the origin are purged and belong to the other department.
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
        """True if the owner still offers the origin; the copy may then be public."""
        return self.sharing is not None and self.sharing.is_copied


class CopiedMedium(models.Model):
    """An image, a document or a video that a department copied from another; all its copies use the same file."""

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
