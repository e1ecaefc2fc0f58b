"""Panels of pages: waiting for approval, drafts of the user, ending soon, published recently.

Each panel takes a fixed number of queries.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, TaskState
from wagtail.query import PageQuerySet

from sites.access.capabilities import is_unrestricted
from sites.access.current_department import current_department, listed_for
from sites.access.ownership import CONTAINER_DEPTH
from sites.access.references.readable_titles import with_readable_titles
from sites.models import DepartmentGroup

from .list_panel import DashboardRow, ListPanel

SOON = datetime.timedelta(days=30)


def page_dashboard_row(
    page: Page, *, url: str = "", note: str = "", moment: datetime.datetime | None = None
) -> DashboardRow:
    """Return the row of a page, with a link to its editor or to the given URL."""
    return DashboardRow(
        title=page.get_admin_display_title(),
        url=url or reverse("wagtailadmin_pages:edit", args=[page.pk]),
        language=page.locale.get_display_name(),
        note=note,
        moment=moment,
    )


def listed_pages(request: HttpRequest) -> PageQuerySet:
    """Return the pages of the current department, with their locales."""
    return as_specific(listed_for(Page.objects.filter(depth__gt=CONTAINER_DEPTH), request))


def as_specific(pages: PageQuerySet) -> PageQuerySet:
    """Return the pages as instances of their types, which have titles and URLs, without a query for each type."""
    return pages.specific(defer=True).prefetch_related("locale")


class ApprovalPanel(ListPanel):
    """Pages that wait for the approval of the user, the longest waiting first."""

    name = "to-approve"
    heading = gettext_lazy("Waiting for your approval")
    empty = gettext_lazy("No page waits for your approval.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        states = (
            approvals_waiting_for(request)
            .select_related("revision__user", "workflow_state")
            .order_by("started_at")[:limit]
        )
        by_page = {str(state.workflow_state.object_id): state for state in states}
        pages = as_specific(Page.objects.filter(pk__in=list(by_page))).in_bulk()
        return [
            page_dashboard_row(
                pages[int(key)],
                note=_("submitted by %(name)s") % {"name": author} if (author := state.revision.user) else "",
                moment=state.started_at,
            )
            for key, state in by_page.items()
            if int(key) in pages
        ]


def approvals_waiting_for(request: HttpRequest) -> QuerySet[TaskState]:
    """Return the approval steps that wait for a group of the user in the current department; one query.

    Wagtail's own method asks every task of the instance in turn, and each department has at least one.
    """
    groups = DepartmentGroup.objects.all()
    if not is_unrestricted(request.user):
        groups = groups.filter(group__user=request.user.pk)
    if department := current_department(request):
        groups = groups.filter(department=department)
    states: QuerySet[TaskState] = TaskState.objects.filter(
        status=TaskState.STATUS_IN_PROGRESS,
        workflow_state__base_content_type__app_label="wagtailcore",
        workflow_state__base_content_type__model="page",
        task__groupapprovaltask__groups__in=groups.values("group"),
    )
    return states.distinct()


class DraftsPanel(ListPanel):
    """Pages whose newest revision is an unpublished one of the user."""

    name = "my-drafts"
    heading = gettext_lazy("Your drafts")
    empty = gettext_lazy("You have no unpublished changes.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        drafts = listed_pages(request).filter(has_unpublished_changes=True, latest_revision__user=request.user.pk)
        newest = drafts.prefetch_workflow_states().order_by("-latest_revision_created_at")[:limit]
        return [
            page_dashboard_row(page, note=_draft_state(page), moment=page.latest_revision_created_at) for page in newest
        ]


def _draft_state(page: Page) -> str:
    """Return the state of a page with unpublished changes, as a text."""
    if page.workflow_in_progress:
        return _("waits for approval")
    return _("changes of a published page") if page.live else _("not published yet")


class ExpiringPagesPanel(ListPanel):
    """Published pages that expire within 30 days."""

    name = "ending-soon"
    heading = gettext_lazy("Pages that go offline within 30 days")
    empty = gettext_lazy("No page goes offline within 30 days.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        ending = listed_pages(request).filter(live=True, expire_at__lte=timezone.now() + SOON).order_by("expire_at")
        return [page_dashboard_row(page, moment=page.expire_at) for page in ending[:limit]]


class PublishedPanel(ListPanel):
    """The pages that were published last, with links to the public site."""

    name = "published-lately"
    heading = gettext_lazy("Recently published")
    empty = gettext_lazy("Nothing is published yet.")

    def rows(self, request: HttpRequest, limit: int) -> Sequence[DashboardRow]:
        pages = with_readable_titles(listed_pages(request), request.user)
        published = pages.filter(live=True).order_by("-last_published_at")
        # One row less than the limit: the panel never says that there are more, since it shows the newest pages.
        return [
            page_dashboard_row(page, url=page.full_url, moment=page.last_published_at)
            for page in published[: limit - 1]
        ]
