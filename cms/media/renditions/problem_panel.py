"""The dashboard's panel of files that cannot be shown, with a button that checks each of them again."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from wagtail.admin.admin_url_finder import AdminURLFinder
from wagtail.admin.ui.components import Component

from cms.media.inspection.inspector import refusal_message
from sites.access.current_department import listed_for
from sites.access.permission_policies import instances_with_permission
from sites.dashboard.layout import TASKS
from sites.dashboard.list_panel import MAX_ROWS, DashboardRow

from .file_checks import KINDS, MISSING, queue_check


class FileProblemsPanel(Component):
    """Files of the current department that cannot be shown. Pages show a placeholder, or omit them.

    `rows` has a row for each, with the URL that checks it again; "" if the user may not change the file.
    """

    template_name = "media/file_problems_panel.html"
    order = TASKS + 30

    def __init__(self, rows: list[tuple[DashboardRow, str]]) -> None:
        self.rows = rows

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            "heading": _("Files that cannot be shown"),
            "rows": self.rows[:MAX_ROWS],
            "has_more": len(self.rows) > MAX_ROWS,
            "csrf_token": parent_context.get("csrf_token"),
        }


def problem_panel(request: HttpRequest) -> FileProblemsPanel | None:
    """Return the panel, or None if all listed files can be shown. One query if none of the instance has a problem."""
    problems: Any = apps.get_model("cms_media", "FileProblem").objects
    if not problems.exists():
        return None
    models = {ContentType.objects.get_for_model(model): model for model in map(apps.get_model, KINDS)}
    listed = Q(pk__in=[])
    for content_type, model in models.items():
        members = listed_for(model._default_manager.all(), request).order_by().values("pk")
        listed |= Q(content_type=content_type, object_id__in=members)
    rows = []
    for problem in problems.filter(listed).order_by("-checked_at", "pk")[: MAX_ROWS + 1]:
        model = models[problem.content_type]
        instance = model._default_manager.filter(pk=problem.object_id).first()
        if instance is not None:  # Deleted a moment ago.
            may_change = instances_with_permission(model, request.user, "change").filter(pk=instance.pk).exists()
            retry_url = reverse(f"{KINDS[model._meta.label]}_file_retry", args=[instance.pk]) if may_change else ""
            rows.append((_row(instance, problem.reason), retry_url))
    return FileProblemsPanel(rows) if rows else None


def _row(instance: Any, reason: str) -> DashboardRow:
    if reason == MISSING:
        note = _("The file is not in the storage.")
    else:
        note = refusal_message(reason, PurePosixPath(instance.file.name).suffix[1:])
    return DashboardRow(title=str(instance), url=str(AdminURLFinder().get_edit_url(instance) or ""), note=note)


class RetryFileView(View):
    """Checks a file again. `Access.CHANGEABLE_OBJECT` has checked that the user may change its object."""

    model: Any = None
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        instance = get_object_or_404(self.model, pk=pk)
        queue_check(instance)
        text = _("The file of “%(title)s” is checked again in the background.")
        messages.success(request, text % {"title": str(instance)})
        return redirect("wagtailadmin_home")
