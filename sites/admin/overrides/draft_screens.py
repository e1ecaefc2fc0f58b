"""Page screens of Wagtail, opened to users who may read drafts but may neither edit nor publish the page.

Replaces: `ViewDraftView.dispatch`, `PageHistoryView.get_object`, `RevisionsView.get_object`,
    `RevisionsCompareView.get_object` and `UsageView.dispatch`.
Why no hook serves: each of these methods loads the page and asks `permissions_for_user(user)` for `can_edit` or
    `can_publish` in one step. A viewset can replace the class of the view only. `permissions_for_user` can be
    replaced in the page model, but a reader who "may edit" there would be offered the editor as well.
Written for: Wagtail 8.0.
Upstream issue: https://github.com/wagtail/wagtail/issues/5482 and https://github.com/wagtail/wagtail/issues/6558
    ask for a "view" permission; Wagtail does not plan one.
Test that fails when upstream changes: tests/sites/overrides/test_draft_screens.py.

Every method calls `super()` first, so that all checks of Wagtail run. Only the refusal of a user who may read the
drafts of this page, and who may neither edit nor publish it, is replaced.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.views.generic import UsageView as GenericUsageView
from wagtail.admin.views.pages.history import PageHistoryView
from wagtail.admin.views.pages.preview import ViewDraftView
from wagtail.admin.views.pages.revisions import RevisionsCompareView, RevisionsView
from wagtail.admin.views.pages.usage import UsageView
from wagtail.admin.widgets.button import Button
from wagtail.models import Page, ReferenceIndex

from sites.access.querysets import manageable_by, viewable_by
from sites.roles import Capability

# Readers of drafts hold `view`, reviewers `publish`; Wagtail's own views leave both out.
PAGE_PERMISSIONS = ("add", "change", "publish", "view")


def can_edit_or_publish(page: Page, user: Any) -> bool:
    """Return True if Wagtail's own screens of the page are open to the user."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_publish() or permissions.can_edit())


def is_draft_reader(page: Page, user: Any) -> bool:
    """Return True if the user may read the drafts of the page, and may neither edit nor publish it."""
    if can_edit_or_publish(page, user):
        return False
    return manageable_by(Page.objects.filter(pk=page.pk), user, Capability.DRAFTS).exists()


class _DraftReaderMixin:
    """Returns the page from `get_object` to readers of its drafts as well; `is_read_only` is True for them."""

    is_read_only = False
    request: HttpRequest
    pk: Any

    def get_object(self, *args: Any, **kwargs: Any) -> Page:
        try:
            page: Page = super().get_object(*args, **kwargs)  # type: ignore[misc]
        except PermissionDenied:
            page = get_object_or_404(Page.objects.select_related("latest_revision"), pk=self.pk).specific
            if not is_draft_reader(page, self.request.user):
                raise
            self.is_read_only = True
        return page


class DraftView(ViewDraftView):
    """The newest revision of a page as a preview; Http404 for a preview mode that the page does not have."""

    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        page = get_object_or_404(Page, pk=page_id).specific
        mode = request.GET.get("mode") or (page.default_preview_mode if page.preview_modes else None)
        if mode not in dict(page.preview_modes):
            raise Http404
        response: HttpResponse
        try:
            response = super().dispatch(request, page_id, *args, **kwargs)
        except PermissionDenied:
            if not is_draft_reader(page, request.user):
                raise
            response = page.get_latest_revision_as_object().make_preview_request(request, mode)
        return response


class HistoryView(_DraftReaderMixin, PageHistoryView):
    """The log of a page, without links to the editor for readers of drafts."""

    any_permission_required = PAGE_PERMISSIONS

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


class RevisionView(_DraftReaderMixin, RevisionsView):
    """One revision of a page as a preview."""


class CompareView(_DraftReaderMixin, RevisionsCompareView):
    """Two revisions of a page side by side, without a link to the editor for readers of drafts."""

    def get_edit_url(self) -> str | None:
        return None if self.is_read_only else super().get_edit_url()


class PageUsageView(UsageView):
    """The objects that refer to a page; Wagtail shows it to editors only, this view also to publishers and readers."""

    permission_required = None
    any_permission_required = PAGE_PERMISSIONS

    def get_queryset(self) -> Any:
        """Leave out the objects of other departments, whose drafts may refer to a shared page."""
        references: Any = viewable_by(ReferenceIndex.get_references_to(self.object), self.request.user)
        return references.group_by_source_object()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse
        try:
            response = super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            permissions = self.object.permissions_for_user(request.user)
            is_publisher_only = permissions.can_publish() and not permissions.can_edit()
            if not is_publisher_only and not is_draft_reader(self.object, request.user):
                raise
            response = GenericUsageView.dispatch(self, request, *args, **kwargs)
        return response
