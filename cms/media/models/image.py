"""Images with their text alternative, credit and consent, and their renditions."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, SourceImageIOError

from cms.media.overrides.field_files import has_unsaved_content
from cms.media.uploads.file_paths import unguessable_path
from cms.media.uploads.storage_quota import refuse_beyond_quota, within_quota
from sites.access.foreign_references import refuse_foreign_references_of_member

from .consent import Consent


class CustomImage(AbstractImage):
    """An image; its text alternative is required (WCAG 2.2, 1.1.1)."""

    description = models.CharField(
        _("text alternative"),
        max_length=255,
        help_text=_("What the image shows, for people who cannot see it. Say what matters, without “image of”."),
    )
    credit = models.CharField(_("credit"), max_length=200, blank=True, help_text=_("Author and rights holder."))
    consent = models.ForeignKey(
        Consent,
        verbose_name=_("consent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="images",
        help_text=_("Consent of the person who can be recognised. Without it valid, the image is not shown."),
    )

    admin_form_fields = (
        "title",
        "file",
        "description",
        "credit",
        "consent",
        "collection",
        "tags",
        "focal_point_x",
        "focal_point_y",
        "focal_point_width",
        "focal_point_height",
    )

    class Meta(AbstractImage.Meta):
        verbose_name = _("image")
        verbose_name_plural = _("images")
        # Each request for a file looks up its image.
        indexes = (models.Index(fields=("file",), name="image_by_file"),)

    def get_upload_to(self, filename: str) -> str:
        folder, _separator, name = super().get_upload_to(filename).rpartition("/")
        return unguessable_path(folder, name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Wagtail sets the size in its form only.
        if has_unsaved_content(self.file):
            self.file_size = self.file.size
        with within_quota(self):
            super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        refuse_foreign_references_of_member(self)
        refuse_beyond_quota(self)

    @property
    def may_be_shown(self) -> bool:
        """True if the image has no consent, or one that covers images and is valid today."""
        return self.consent is None or (self.consent.covers_image and self.consent.is_valid_today)

    def get_file_size(self) -> int | None:
        """Return the size of the file in bytes. Wagtail's method also stores it, in the GET request of the form."""
        if self.file_size is not None:
            return int(self.file_size)
        try:
            return int(self.file.size)
        except Exception as error:  # The exception depends on the storage.
            raise SourceImageIOError(str(error)) from error


class CustomRendition(AbstractRendition):
    """A rendition of an image."""

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="unique_rendition"),
        )
        indexes = (models.Index(fields=("file",), name="rendition_by_file"),)

    def get_upload_to(self, filename: str) -> str:
        folder, _separator, name = super().get_upload_to(filename).rpartition("/")
        return unguessable_path(folder, name)
