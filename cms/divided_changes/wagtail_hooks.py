"""Wagtail hooks of divided changes: the views that copy, delete and unpublish pages with those below them."""

from __future__ import annotations

from wagtail import hooks

from sites.admin.screens.page_views import DepartmentPageViewSet

from .tree_copies import DividedCopyView
from .tree_views import DividedDeleteView, DividedUnpublishView

# The later registration wins, and `sites` registers its viewset after Wagtail (100).
AFTER_SITES = 200


class DividedPageViewSet(DepartmentPageViewSet):
    """The views of all page types, of which three divide their changes."""

    copy_view_class = DividedCopyView
    delete_view_class = DividedDeleteView
    unpublish_view_class = DividedUnpublishView


@hooks.register("register_admin_viewset", order=AFTER_SITES)
def divided_pages() -> DividedPageViewSet:
    return DividedPageViewSet()
