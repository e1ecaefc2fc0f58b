"""Dashboard panels of what search could not do, with buttons that try again: files, and the index for operators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_POST
from wagtail.admin.ui.components import Component

from cms.media.models import CustomDocument
from search.indexing.file_texts.attachments import read_again
from search.indexing.tasks import enqueue_file_reading, failed_index_tasks, retry_index_tasks
from search.models import FileText, IndexCursor, UnindexedDocument
from sites.access.capabilities import is_unrestricted
from sites.access.current_department import listed_for
from sites.access.permission_policies import instances_with_permission
from sites.dashboard.layout import TASKS
from sites.dashboard.list_panel import MAX_ROWS, DashboardRow


class UnreadableFilesPanel(Component):
    """Documents of the current department whose text could not be read, so that search does not find it."""

    template_name = "cms_search/unreadable_files_panel.html"
    order = TASKS - 8

    def __init__(self, documents: list[CustomDocument]) -> None:
        self.documents = documents

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        rows = [
            (
                DashboardRow(title=document.title, url=reverse("wagtaildocs:edit", args=[document.pk])),
                reverse("document_text_retry", args=[document.pk]),
            )
            for document in self.documents[:MAX_ROWS]
        ]
        return {
            "heading": _("Documents that search cannot read"),
            "rows": rows,
            "has_more": len(self.documents) > MAX_ROWS,
            "csrf_token": parent_context.get("csrf_token"),
        }


class IndexPanel(Component):
    """The problems of the search index of the instance, for its administrators."""

    template_name = "cms_search/index_panel.html"
    order = TASKS - 9

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {
            "heading": _("Search index"),
            "problems": self.problems,
            "csrf_token": parent_context.get("csrf_token"),
        }


def failure_panels(request: HttpRequest) -> list[Component]:
    """Return the panels of what has failed; [] if nothing has. One query for most users."""
    panels: list[Component] = []
    if documents := list(unreadable_documents(request).order_by("title", "pk")[: MAX_ROWS + 1]):
        panels.append(UnreadableFilesPanel(documents))
    if is_unrestricted(request.user) and (problems := index_problems()):
        panels.append(IndexPanel(problems))
    return panels


def unreadable_documents(request: HttpRequest) -> QuerySet[CustomDocument]:
    """Return the listed documents that the user may change and whose text could not be read."""
    changeable = instances_with_permission(CustomDocument, request.user, "change")
    unreadable = FileText.objects.exclude(problem="").values("hash")
    documents: QuerySet[CustomDocument] = listed_for(changeable.filter(file_hash__in=unreadable), request)
    return documents


def index_problems() -> list[str]:
    """Return sentences about the index: it must be rebuilt, or tasks or documents have failed.

    The database says so: a call of the engine would hold the transaction of the request.
    """
    problems = []
    if number := failed_index_tasks().count():
        problems.append(_("%(number)d tasks of the search index have failed.") % {"number": number})
    cursor = IndexCursor.objects.order_by("pk").last()  # A rebuild replaces the earlier index.
    if cursor is not None and cursor.rebuild_reason:
        problems.append(_("The search index must be rebuilt."))
    elif cursor is not None and cursor.lost_languages:
        problems.append(_("The search index has lost these languages: %(codes)s.") % {"codes": cursor.lost_languages})
    failed = UnindexedDocument.objects.filter(index=cursor.index).count() if cursor is not None else 0
    if failed:
        problems.append(_("%(number)d documents cannot be indexed: search does not find them.") % {"number": failed})
    return problems


class RetryTextView(View):
    """Reads the file of a document again. `Access.CHANGEABLE_OBJECT` has checked that the user may change it."""

    model: Any = None
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        document = get_object_or_404(CustomDocument, pk=pk)
        read_again(document.file_hash)
        enqueue_file_reading()
        messages.success(request, _("“%(title)s” is read again in the background.") % {"title": document.title})
        return redirect("wagtailadmin_home")


@require_POST
def retry_index(request: HttpRequest) -> HttpResponse:
    """Run the tasks of the index again. `Access.SUPERUSER` has checked the user."""
    retry_index_tasks()
    messages.success(request, _("The search index is updated again in the background."))
    return redirect("wagtailadmin_home")
