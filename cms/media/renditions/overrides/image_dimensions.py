"""The model field of images, which takes the size of a new file from its inspection.

Replaces: `WagtailImageFieldFile.get_image_dimensions`, which opens each new file in the web process.
Why no hook serves: Wagtail made it a method to be overridden, and the field names the class.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/files/test_picture_limits.py.
"""

from __future__ import annotations

from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from cms.media.inspection.inspector import Inspection, inspect_file
from cms.media.overrides.field_files import has_unsaved_content
from cms.media.renditions.specs import declared_specs


class InspectedImageFieldFile(WagtailImageFieldFile):
    """The file of an image or of a rendition. A new file that no form has inspected is inspected now."""

    def get_image_dimensions(self) -> tuple[int, int]:
        """Return width and height in pixels. Raises FileRefused for a new file that is refused."""
        if has_unsaved_content(self):
            found = getattr(self._file, "inspection", None)
            if not isinstance(found, Inspection):
                found = inspect_file(self._file, "image", self.name or "", specs=declared_specs())
            return found.width, found.height
        size: tuple[int, int] = super().get_image_dimensions()  # Of a stored file, which has been inspected.
        return size


class InspectedImageModelField(WagtailImageField):
    """Wagtail's field with this class of files."""

    attr_class = InspectedImageFieldFile
