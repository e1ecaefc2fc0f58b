"""The image chooser, whose popular tags are those of the user's departments.

Replaces: `choose_view_class` of the image chooser's viewset, an object of the module `wagtail.images.views.chooser`.
Why no hook serves: `construct_image_chooser_queryset` limits the images, but the popular tags above them come from
    `popular_tags_for_model`, which no hook and no setting reaches; a second viewset of the same name would not
    replace the first one.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_image_chooser.py.
"""

from __future__ import annotations

from typing import Any

from wagtail.images.views.chooser import ImageChooseView, viewset

from .filter_sets import popular_tags


class DepartmentImageChooseView(ImageChooseView):
    """Wagtail's view with the popular tags of the user's departments."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"popular_tags": popular_tags(self.model, self.request)}


def override_image_chooser() -> None:
    """Let the image chooser use `DepartmentImageChooseView`; to be called before the admin's URLs are built."""
    viewset.choose_view_class = DepartmentImageChooseView
