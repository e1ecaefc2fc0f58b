"""Screens of search in Wagtail's admin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from .admin.synonyms import SynonymViewSet


class SearchViewSetGroup(ViewSetGroup):
    """What is added by hand to the search of readers. Wagtail's own entry "Search" looks for pages of the admin."""

    menu_label = _("Readers’ search")
    menu_name = "readers-search"
    menu_icon = "search"
    menu_order = 750
    items = (SynonymViewSet,)


@hooks.register("register_admin_viewset")
def search_screens() -> SearchViewSetGroup:
    return SearchViewSetGroup()
