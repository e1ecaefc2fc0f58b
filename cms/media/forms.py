"""The form of images, limited to consents and collections of the user's departments."""

from __future__ import annotations

from typing import Any

from wagtail.images.forms import BaseImageForm

from sites.admin.screens.forms import limit_choices


class DepartmentImageForm(BaseImageForm):
    """Base class of the forms for uploading and editing images (setting WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        user = kwargs.get("user")
        super().__init__(*args, **kwargs)
        if user is not None:
            limit_choices(self, user)

    def clean(self) -> dict[str, Any] | None:
        if len(self.collections) == 1:
            # Wagtail sets the only possible collection in save(), after the consent is validated against it.
            self.instance.collection = self.collections[0]
        cleaned_data: dict[str, Any] | None = super().clean()
        return cleaned_data
