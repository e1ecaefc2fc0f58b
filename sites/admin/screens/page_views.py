"""Wagtail's page screens where a department needs them otherwise: privacy, and drafts for those who only read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn
from wagtail.admin.views.pages.history import PageHistoryView
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.views.pages.preview import ViewDraftView
from wagtail.admin.views.pages.revisions import RevisionsCompareView, RevisionsView
from wagtail.admin.views.pages.usage import UsageView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from sites.access.capabilities import is_unrestricted
from sites.access.querysets import manageable_by
from sites.roles import Capability

from .privacy import DepartmentSetPrivacyView


def may_work_on(page: Page, user: Any) -> bool:
    """Whether the user may do more with the page than read its drafts."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_publish() or permissions.can_edit())


def readable_page(user: Any, pk: object) -> Page:
    """Return the page, specific, if the user may edit it, publish it or read its drafts; else raise PermissionDenied.

    Wagtail's own views show a draft only to those who may change it.
    """
    page: Page = get_object_or_404(Page.objects.select_related("latest_revision"), pk=pk).specific
    reads = manageable_by(Page.objects.filter(pk=page.pk), user, Capability.DRAFTS)
    if not may_work_on(page, user) and not reads.exists():
        raise PermissionDenied
    return page


class DraftView(ViewDraftView):
    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        page = readable_page(request.user, page_id).get_latest_revision_as_object()
        mode = request.GET.get("mode") or (page.default_preview_mode if page.preview_modes else None)
        if mode not in dict(page.preview_modes):
            raise Http404
        response: HttpResponse = page.make_preview_request(request, mode)
        return response


class HistoryView(PageHistoryView):
    any_permission_required = None  # Of this one page, `get_object` asks it.

    def get_object(self) -> Page:
        return readable_page(self.request.user, self.pk)

    @cached_property
    def is_read_only(self) -> bool:
        return not may_work_on(self.object, self.request.user)

    def get_edit_url(self, instance: Page) -> str | None:
        return None if self.is_read_only else super().get_edit_url(instance)

    @cached_property
    def columns(self) -> list[BaseColumn]:
        columns: list[BaseColumn] = super().columns
        if self.is_read_only:
            columns[0].url_names |= {"edit": None, "revisions_revert": None}
        return columns

    @cached_property
    def header_buttons(self) -> list[Button]:
        return [] if self.is_read_only else super().header_buttons


class RevisionView(RevisionsView):
    def get_object(self) -> Page:
        return readable_page(self.request.user, self.pk)


class CompareView(RevisionsCompareView):
    def get_object(self, queryset: Any = None) -> Page:
        return readable_page(self.request.user, self.pk)

    def get_edit_url(self) -> str | None:
        return super().get_edit_url() if may_work_on(self.object, self.request.user) else None


class PageUsageView(UsageView):
    # Wagtail asks for the right to edit.
    permission_required = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        readable_page(request.user, self.pk)
        response: HttpResponse = super(UsageView, self).dispatch(request, *args, **kwargs)
        return response


class ExplorerView(ExplorableIndexView):
    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if not hasattr(self.parent_page, "holds_homes"):
            return buttons
        # A container is never translated, though wagtail-localize offers it.
        submission = reverse("wagtail_localize:submit_page_translation", args=[self.parent_page.pk])
        return [button for button in buttons if button.url != submission]

    @cached_property
    def explorable_columns(self) -> list[BaseColumn]:
        columns: list[BaseColumn] = super().explorable_columns
        if is_unrestricted(self.request.user) or self.permissions.permissions - {"view"}:
            return columns
        # Every bulk action ends in an error for who only reads.
        return [column for column in columns if not isinstance(column, BulkActionsColumn)]


class DepartmentPageViewSet(PageViewSet):
    """The screens of all page types."""

    index_view_class = ExplorerView
    history_view_class = HistoryView
    revisions_view_class = RevisionView
    revisions_compare_view_class = CompareView
    set_privacy_view_class = DepartmentSetPrivacyView
    usage_view_class = PageUsageView
    view_draft_view_class = DraftView
