"""Wagtail hooks of the published documents: the dashboard's panel and its action, and bulk actions without a signal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.models import CollectionMember

from sites.dashboard.layout import AFTER_DEPARTMENTS

from .publication_panel import publication_panel
from .publication_views import retry_publication
from .refresh_requests import queue_objects


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def show_publication(request: HttpRequest, panels: list[Component]) -> None:
    if (panel := publication_panel(request)) is not None:
        panels.append(panel)


@hooks.register("register_admin_urls")
def publication_urls() -> list[URLPattern]:
    return [path("publication/<int:page_id>/retry/", retry_publication, name="publication_retry")]


@hooks.register("after_bulk_action")
def queue_changed_members(request: HttpRequest, action_type: str, objects: Iterable[Model], action: Any) -> None:
    """Queue the documents that show files after a bulk action, which moves them to a collection without a signal."""
    queue_objects([each for each in objects if isinstance(each, CollectionMember) and each.pk is not None], urgent=True)
