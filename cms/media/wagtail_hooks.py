"""Admin screens for videos and consents."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.images import get_image_model
from wagtail.models import Collection
from wagtail.permissions import policy_registry, register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from sites.access.capabilities import has_capability
from sites.access.current_department import current_department, listed_for
from sites.access.permission_policies import DepartmentPermissionPolicy
from sites.admin.screens.snippets import DepartmentSnippetViewSet
from sites.dashboard.layout import AFTER_DEPARTMENTS, ENDING, INFORMATION
from sites.dashboard.list_panel import DashboardRow, ListPanel
from sites.dashboard.page_panels import SOON
from sites.roles import Capability

from .forms import VideoForm
from .models import Consent, Video
from .renditions.file_checks import KINDS
from .renditions.problem_panel import RetryFileView, problem_panel
from .uploads.storage_panel import StoragePanel
from .uploads.storage_quota import refuse_moved_objects
from .views import consent_proof

for snippet in (Consent, Video):
    register_permission_policy(snippet, DepartmentPermissionPolicy(snippet))

COLLECTION_COLUMN = Column("collection", label=_("collection"), sort_key="collection__name")


class VideoViewSet(DepartmentSnippetViewSet):
    model = Video
    base_form_class = VideoForm
    icon = "media"
    list_display = ("title", "language", "duration", COLLECTION_COLUMN)


class ConsentViewSet(DepartmentSnippetViewSet):
    model = Consent
    icon = "circle-check"
    list_display = (
        "person_name",
        Column("get_scope_display", label=_("scope"), sort_key="scope"),
        "starts_on",
        "expires_on",
        "withdrawn_on",
        COLLECTION_COLUMN,
    )
    panels = (
        FieldPanel("person_name"),
        FieldRowPanel([FieldPanel("scope"), FieldPanel("scope_note")]),
        FieldRowPanel([FieldPanel("starts_on"), FieldPanel("expires_on")]),
        FieldPanel("proof"),
        FieldPanel("withdrawn_on"),
        FieldPanel("collection"),
    )


class MediaViewSetGroup(SnippetViewSetGroup):
    """The menu group of videos and consents."""

    items = (VideoViewSet, ConsentViewSet)
    menu_label = _("Videos and consents")
    menu_icon = "media"


register_snippet(MediaViewSetGroup)


class ConsentsPanel(ListPanel):
    """A dashboard panel of consents that end soon. Content that depends on them goes offline at their end."""

    name = "consents-ending"
    heading = _("Consents that end within 30 days")
    empty = _("No consent ends within 30 days.")

    def rows(self, request: HttpRequest, limit: int) -> list[DashboardRow]:
        ending = Consent.objects.ending_within(SOON)
        return [
            DashboardRow(
                title=consent.person_name,
                url=reverse("wagtailsnippets_cms_media_consent:edit", args=[consent.pk]),
                note=consent.get_scope_display(),
                moment=consent.expires_on,
            )
            for consent in listed_for(ending, request).order_by("expires_on")[:limit]
        ]


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def consents_panel(request: HttpRequest, panels: list[Component]) -> None:
    if has_capability(request.user, Capability.SNIPPETS, current_department(request)):
        panels.append(ConsentsPanel(ENDING + 10))


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def storage_panel(request: HttpRequest, panels: list[Component]) -> None:
    department = current_department(request)
    may_upload = policy_registry.get_by_type(get_image_model()).user_has_permission(request.user, "add")
    if department is not None and may_upload and settings.DEPARTMENT_QUOTA_BYTES:
        panels.append(StoragePanel(INFORMATION + 20, department))


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def show_file_problems(request: HttpRequest, panels: list[Component]) -> None:
    may_upload = policy_registry.get_by_type(get_image_model()).user_has_permission(request.user, "add")
    if may_upload and (panel := problem_panel(request)) is not None:
        panels.append(panel)


@hooks.register("before_bulk_action")
def count_moved_files(request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction) -> None:
    """Refuse to move files to a department whose quota is full, by UploadRefused. Wagtail updates the rows by query."""
    collection = action.get_execution_context().get("collection")
    if isinstance(collection, Collection):
        refuse_moved_objects(objects, collection)


@hooks.register("register_admin_urls")
def proof_urls() -> list[URLPattern]:
    return [path("consents/<int:pk>/proof/", consent_proof, name="consent_proof")]


@hooks.register("register_admin_urls")
def retry_urls() -> list[URLPattern]:
    views = {kind: RetryFileView.as_view(model=apps.get_model(label)) for label, kind in KINDS.items()}
    return [path(f"files/{kind}/<int:pk>/retry/", view, name=f"{kind}_file_retry") for kind, view in views.items()]


@hooks.register("insert_global_admin_js")
def upload_failures() -> str:
    """Return the script that shows failures of the multiple uploader."""
    return format_html(
        '<script src="{}" data-message="{}"></script>',
        versioned_static("cms_media/upload_failures.js"),
        _("The file was not saved, because the server did not answer as expected. Try again."),
    )
