"""The department and the size of each upload that waits for its details."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.models import UploadedFile

from sites.models import Department


class PendingUpload(models.Model):
    """The department and the size of a pending upload, which Wagtail's row does not have."""

    upload = models.OneToOneField(UploadedFile, on_delete=models.CASCADE, primary_key=True, related_name="pending")
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    file_size = models.PositiveBigIntegerField(_("size of the file"))

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("pending upload")
        verbose_name_plural = _("pending uploads")

    def __str__(self) -> str:
        return str(self.upload_id)
