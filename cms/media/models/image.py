"""Images with their text alternative, credit and consent, and their renditions."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import (
    AbstractImage,
    AbstractRendition,
    Filter,
    SourceImageIOError,
    get_rendition_storage,
    get_rendition_upload_to,
    get_upload_to,
)

from cms.media.inspection.inspector import FileRefused, Inspection, inspect_upload
from cms.media.overrides.field_files import has_unsaved_content
from cms.media.renditions import file_checks
from cms.media.renditions.making import make_missing_renditions
from cms.media.renditions.overrides.image_dimensions import InspectedImageModelField
from cms.media.renditions.specs import ORIGINAL, declared_specs
from cms.media.uploads.file_paths import unguessable_path
from cms.media.uploads.storage_quota import refuse_beyond_quota, within_quota
from sites.access.foreign_references import refuse_foreign_references_of_member

from .consent import Consent

# Fields on whose change renditions are made.
RENDITION_FIELDS = frozenset(("file", "focal_point_x", "focal_point_y", "focal_point_width", "focal_point_height"))


class CustomImage(AbstractImage):
    """An image; its text alternative is required (WCAG 2.2, 1.1.1)."""

    file: Any = InspectedImageModelField(
        verbose_name=_("file"), upload_to=get_upload_to, width_field="width", height_field="height"
    )
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

    def is_stored_locally(self) -> bool:
        """Return True if the storage has a path of the file; False for a row without one, whose form is shown then."""
        return bool(self.file) and bool(super().is_stored_locally())

    # False while an archive is restored, which has renditions of its own.
    makes_renditions = True
    _inspection: Inspection | None = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Wagtail sets the size in its form only.
        if has_unsaved_content(self.file):
            self.file_size = self.file.size
            self._inspection = getattr(self.file.file, "inspection", None)
        with within_quota(self):
            super().save(*args, **kwargs)
        fields = kwargs.get("update_fields")
        if self.makes_renditions and (fields is None or not RENDITION_FIELDS.isdisjoint(fields)):
            self.make_renditions()

    def make_renditions(self) -> None:
        """Make the renditions that are missing; a failure is recorded and tried again in the background."""
        prepared = self._inspection.renditions if self._inspection else None
        try:
            make_missing_renditions(self, prepared)
        except FileRefused as error:
            file_checks.record(self, error.reason)
        except OSError:
            file_checks.record(self, file_checks.MISSING)

    def create_rendition(self, filter: Filter) -> AbstractRendition:  # noqa: A002 (Wagtail's name)
        """Raise SourceImageIOError: a list or a page shows a placeholder, and the background makes the rendition."""
        raise SourceImageIOError(f"image {self.pk} has no rendition {filter.spec}")

    def create_renditions(self, *filters: Filter) -> dict[Filter, AbstractRendition]:
        """Raise SourceImageIOError, unless no rendition is asked for."""
        if filters:
            raise SourceImageIOError(f"image {self.pk} has no rendition {filters[0].spec}")
        return {}

    def get_rendition(self, filter: Filter | str) -> AbstractRendition:  # noqa: A002
        """Return a stored rendition, or a placeholder, which is reported. Nothing is written."""
        spec = filter if isinstance(filter, str) else filter.spec
        try:
            if spec == ORIGINAL:
                rendition: AbstractRendition = CustomRendition(
                    image=self, filter_spec=spec, file=self.file.name, width=self.width, height=self.height
                )
            else:
                rendition = super().get_rendition(filter)
            if not rendition.file:
                raise SourceImageIOError(f"the rendition {spec} of image {self.pk} has no file")
            return rendition
        except SourceImageIOError as error:
            file_checks.report_unshowable(self, str(error))
            placeholder = CustomRendition(image=self, filter_spec=spec, width=160, height=120)
            placeholder.is_placeholder = True
            return placeholder

    def get_renditions(self, *filters: Filter | str) -> dict[str, AbstractRendition]:
        """Return the stored renditions by spec, with placeholders for those that are missing. Nothing is written."""
        try:
            renditions: dict[str, AbstractRendition] = super().get_renditions(*filters)
        except SourceImageIOError:
            renditions = {}
        if not renditions or not all(rendition.file for rendition in renditions.values()):
            renditions = {str(getattr(each, "spec", each)): self.get_rendition(each) for each in filters}
        return renditions

    def clean(self) -> None:
        super().clean()
        refuse_foreign_references_of_member(self)
        refuse_beyond_quota(self)
        self._inspection = inspect_upload(self, "file", "image", specs=declared_specs()) or self._inspection

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
    """A rendition of an image, or a placeholder that is shown instead and never stored."""

    file = InspectedImageModelField(
        upload_to=get_rendition_upload_to, storage=get_rendition_storage, width_field="width", height_field="height"
    )

    is_placeholder = False

    image = models.ForeignKey(CustomImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("image", "filter_spec", "focal_point_key"), name="unique_rendition"),
        )
        indexes = (models.Index(fields=("file",), name="rendition_by_file"),)

    def get_upload_to(self, filename: str) -> str:
        folder, _separator, name = super().get_upload_to(filename).rpartition("/")
        return unguessable_path(folder, name)

    @property
    def url(self) -> str:
        return static("cms_media/missing-image.svg") if self.is_placeholder else str(self.file.url)
