"""The explorer of pages, and the viewset that names the department's views of all page types."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import BaseColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn
from wagtail.admin.views.pages.bulk_actions import PublishBulkAction
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page, WorkflowState

from sites.access.capabilities import is_unrestricted
from sites.admin.overrides.draft_screens import CompareView, DraftView, HistoryView, PageUsageView, RevisionView
from sites.mail.audience import about

from .privacy import DepartmentSetPrivacyView

# In the order of the menu, Wagtail shows all children of a page at once, which costs two queries a row.
MAX_SORTED_PAGES = 200


class ExplorerView(ExplorableIndexView):
    """Wagtail's explorer, without the actions that are refused to the user.

    Children of a page are sorted by hand up to MAX_SORTED_PAGES; more are listed in pages, with a message.
    """

    def get(self, request: HttpRequest, parent_page_id: int | None = None) -> HttpResponse:
        response: HttpResponse = super().get(request, parent_page_id)
        if request.GET.get("ordering") == self.sort_order_field and not self._is_sortable:
            message = _("Only %(number)d pages can be sorted by hand. There are more here.")
            messages.warning(request, message % {"number": MAX_SORTED_PAGES})
        return response

    def get_valid_orderings(self) -> list[str]:
        orderings: list[str] = super().get_valid_orderings()
        return [each for each in orderings if each != self.sort_order_field or self._is_sortable]

    @property
    def _is_sortable(self) -> bool:
        return bool(self.parent_page.numchild <= MAX_SORTED_PAGES)

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        buttons: list[Button] = super().header_more_buttons
        if not hasattr(self.parent_page, "holds_homes"):
            return buttons
        # wagtail-localize offers to translate a container, which is never translated.
        submission_url = reverse("wagtail_localize:submit_page_translation", args=[self.parent_page.pk])
        return [button for button in buttons if button.url != submission_url]

    @cached_property
    def explorable_columns(self) -> list[BaseColumn]:
        columns: list[BaseColumn] = super().explorable_columns
        if is_unrestricted(self.request.user) or self.permissions.permissions - {"view"}:
            return columns
        # Every bulk action is refused to a reader of drafts.
        return [column for column in columns if not isinstance(column, BulkActionsColumn)]


class CommentingEditView(EditView):
    """Wagtail's edit view, whose e-mails about comments are marked with the page."""

    def send_commenting_notifications(self, changes: dict[str, Any]) -> Any:
        with about(self.page):
            return super().send_commenting_notifications(changes)


class PublishUnlockedPages(PublishBulkAction):
    """Wagtail's action, without pages that are locked for the user: their forms publish nothing either."""

    def check_perm(self, page: Page) -> bool:
        permissions = page.permissions_for_user(self.request.user)
        may_be_locked = page.locked or str(page.pk) in self._pages_in_approval
        return bool(permissions.can_publish()) and not (may_be_locked and permissions.page_locked())

    @cached_property
    def _pages_in_approval(self) -> set[str]:
        states = WorkflowState.objects.active().filter(base_content_type=ContentType.objects.get_for_model(Page))
        return set(states.values_list("object_id", flat=True))


class DepartmentPageViewSet(PageViewSet):
    """The views of all page types."""

    index_view_class = ExplorerView
    edit_view_class = CommentingEditView
    history_view_class = HistoryView
    revisions_view_class = RevisionView
    revisions_compare_view_class = CompareView
    set_privacy_view_class = DepartmentSetPrivacyView
    usage_view_class = PageUsageView
    view_draft_view_class = DraftView
