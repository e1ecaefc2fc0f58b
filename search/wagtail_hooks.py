"""Screens, menu items and styles of search in the Wagtail admin."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.html import format_html
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.admin.viewsets.model import ModelViewSet

from cms.media.models import CustomDocument
from sites.dashboard.layout import AFTER_DEPARTMENTS
from sites.roles import Capability
from sites.wagtail_hooks import CapabilityMenuItem

from .admin import report_views
from .admin.failure_panels import RetryTextView, failure_panels, retry_index
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


@hooks.register("register_admin_urls")
def retry_urls() -> list[URLPattern]:
    return [
        path("search/texts/<int:pk>/retry/", RetryTextView.as_view(model=CustomDocument), name="document_text_retry"),
        path("search/index/retry/", retry_index, name="search_index_retry"),
    ]


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def show_failures(request: HttpRequest, panels: list[Component]) -> None:
    panels += failure_panels(request)


@hooks.register("insert_global_admin_css")
def search_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', versioned_static("cms_search/admin.css"))
