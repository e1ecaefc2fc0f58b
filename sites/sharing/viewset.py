"""URLs and menu entry of the screens of sharing, and the button of a page that leads to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from sites.access.capabilities import departments_with_capability, has_capability, is_unrestricted
from sites.roles import Capability

from .transitions import is_shareable
from .views import ICON, GivenSharingsView, ProposeSharingView, ReceivedSharingsView, SharingDetailView


class SharingMenuItem(MenuItem):
    """The menu entry, shown to users with the capability SHARING."""

    def is_shown(self, request: HttpRequest) -> bool:
        return has_capability(request.user, Capability.SHARING)


class SharingViewSet(ViewSet):
    """The screens of sharing."""

    name = "sharing"
    icon = ICON
    menu_label = _("Sharing")
    menu_order = 700
    menu_item_class = SharingMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.construct_view(ReceivedSharingsView), name="index"),
            path("given/", self.construct_view(GivenSharingsView), name="given"),
            path("<int:pk>/", self.construct_view(SharingDetailView), name="detail"),
            path("propose/<int:page_id>/", self.construct_view(ProposeSharingView), name="propose"),
        ]


def share_button(page: Page, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Yield the button of a page that leads to its proposal, for users who may share it.

    The hook `register_page_header_buttons`; it adds no query to the page.
    """
    container_paths = [
        department.container.path for department in departments_with_capability(user, Capability.SHARING)
    ]
    is_allowed = is_unrestricted(user) or page.path.startswith(tuple(container_paths))
    if is_allowed and is_shareable(page):
        url = reverse("sharing:propose", args=[page.pk])
        yield Button(_("Share with departments"), url, icon_name=ICON, priority=35)
