"""Admin screens for videos and consents."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.panels import FieldPanel, FieldRowPanel
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
from sites.dashboard.layout import AFTER_DEPARTMENTS, ENDING, INFORMATION, TASKS
from sites.dashboard.list_panel import DashboardRow, ListPanel
from sites.dashboard.page_panels import SOON
from sites.roles import Capability

from .forms import VideoForm
from .inspection.inspector import refusal_message
from .models import Consent, CustomDocument, CustomImage, FileProblem, Video
from .renditions.file_checks import MISSING
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
        today = timezone.localdate()
        ending = Consent.objects.filter(expires_on__range=(today, today + SOON)).exclude(withdrawn_on__lte=today)
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


class FileProblemsPanel(ListPanel):
    """A dashboard panel of files that cannot be shown. Pages show a placeholder, or omit them."""

    name = "file-problems"
    heading = _("Files that cannot be shown")
    empty = _("All files can be shown.")

    def rows(self, request: HttpRequest, limit: int) -> list[DashboardRow]:
        types = {ContentType.objects.get_for_model(model): model for model in (CustomImage, CustomDocument, Video)}
        listed = Q(pk__in=[])
        for content_type, model in types.items():
            members = listed_for(model._default_manager.all(), request).order_by().values("pk")
            listed |= Q(content_type=content_type, object_id__in=members)
        rows = []
        for problem in FileProblem.objects.filter(listed).order_by("-checked_at", "pk")[:limit]:
            instance = types[problem.content_type].objects.get(pk=problem.object_id)
            rows.append(
                DashboardRow(
                    title=str(instance),
                    url=str(AdminURLFinder().get_edit_url(instance) or ""),
                    note=gettext("The file is not in the storage.")
                    if problem.reason == MISSING
                    else refusal_message(problem.reason, PurePosixPath(instance.file.name).suffix[1:]),
                )
            )
        return rows


@hooks.register("construct_homepage_panels", order=AFTER_DEPARTMENTS)
def file_problems_panel(request: HttpRequest, panels: list[Component]) -> None:
    if policy_registry.get_by_type(get_image_model()).user_has_permission(request.user, "add"):
        panels.append(FileProblemsPanel(TASKS + 30))


@hooks.register("before_bulk_action")
def count_moved_files(request: HttpRequest, action_type: str, objects: list[Any], action: BulkAction) -> None:
    """Refuse to move files to a department whose quota is full, by UploadRefused. Wagtail updates the rows by query."""
    collection = action.get_execution_context().get("collection")
    if isinstance(collection, Collection):
        refuse_moved_objects(objects, collection)


@hooks.register("register_admin_urls")
def proof_urls() -> list[URLPattern]:
    return [path("consents/<int:pk>/proof/", consent_proof, name="consent_proof")]
