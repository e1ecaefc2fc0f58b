"""Form of images: the consents of the user's departments only."""

from __future__ import annotations

from typing import Any

from wagtail.images.forms import BaseImageForm

from sites.admin.screens.forms import narrow_choices


class DepartmentImageForm(BaseImageForm):
    """Base of the forms that upload and edit images (setting WAGTAILIMAGES_IMAGE_FORM_BASE)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        user = kwargs.get("user")
        super().__init__(*args, **kwargs)
        if user is not None:
            narrow_choices(self, user)

    def _post_clean(self) -> None:
        if len(self.collections) == 1:
            # Wagtail does this as late as in save(); the image's consent is checked against it before.
            self.instance.collection = self.collections[0]
        super()._post_clean()
