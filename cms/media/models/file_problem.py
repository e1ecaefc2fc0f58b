"""Stored files that cannot be shown."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FileProblem(models.Model):
    """The reason why the file of an image, a document or a video cannot be shown; deleted when it can be again."""

    content_type = models.ForeignKey(ContentType, verbose_name=_("type"), on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField(_("object"))
    reason = models.CharField(_("reason"), max_length=30)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    checked_at = models.DateTimeField(_("last check"), default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("problem of a file")
        verbose_name_plural = _("problems of files")
        constraints = (models.UniqueConstraint(fields=("content_type", "object_id"), name="one_problem_per_file"),)

    def __str__(self) -> str:
        return f"{self.content_type} {self.object_id}: {self.reason}"
