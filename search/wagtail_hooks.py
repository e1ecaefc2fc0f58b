"""Screens, menu items and styles of search in the Wagtail admin."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.viewsets.model import ModelViewSet

from sites.roles import Capability
from sites.wagtail_hooks import CapabilityMenuItem

from .admin import report_views
from .admin.promotion_views import PromotionViewSet
from .admin.synonym_views import SynonymViewSet


@hooks.register("register_admin_viewset")
def search_screens() -> list[ModelViewSet]:
    return [PromotionViewSet(), SynonymViewSet()]


@hooks.register("register_admin_urls")
def report_urls() -> list[URLPattern | URLResolver]:
    return [path("reports/searches/", include((report_views.urlpatterns, "searches")))]


@hooks.register("register_reports_menu_item")
def report_menu_item() -> MenuItem:
    return CapabilityMenuItem(
        report_views.TITLE,
        reverse("searches:index"),
        capability=Capability.REPORTS,
        name="searches",
        icon_name="search",
        order=900,
    )


@hooks.register("insert_global_admin_css")
def search_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("cms_search/admin.css"))
