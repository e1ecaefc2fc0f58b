"""The views that delete or unpublish a page: the pages below it first, in short transactions.

Several requests change a large tree, and the last one the page itself, by Wagtail's view. All send the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from wagtail import hooks
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.admin.views.pages.bulk_actions import DeleteBulkAction
from wagtail.admin.views.pages.delete import DeleteView
from wagtail.admin.views.pages.unpublish import UnpublishView
from wagtail.admin.views.pages.utils import type_to_delete_confirmation
from wagtail.models import Page, ReferenceIndex

from cms.request_transactions.repetition import commit, repeat_on_collision
from cms.request_transactions.short_transactions import in_short_transactions

from .continuation import DONE, REFUSALS, ChangeProgress, continuation, number_in, show_refusal


def change_below(
    request: HttpRequest, keys: Sequence[int], change: Callable[[Page], object], title: Any
) -> HttpResponseBase | None:
    """Change pages for about a second; return the screen that continues, None if all are changed.

    `change` gets each page as it is now; pages that are deleted meanwhile are skipped. One more page, that above them,
    is counted in the progress.
    """

    def change_present(key: int) -> None:
        if (page := Page.objects.filter(pk=key).first()) is not None:
            change(page)

    before, number = number_in(request, DONE), 0
    try:
        for number in in_short_transactions(keys, change_present, request.path):  # noqa: B007 (read after an error)
            pass
    except REFUSALS:
        show_refusal(request, before + number)
        raise
    if number < len(keys):
        done = before + number
        return continuation(request, ChangeProgress(done, done + len(keys) - number + 1), title=title, fields={})
    return None


class DividedDeleteView(DeleteView):
    """Wagtail's view, which deletes the lowest pages first."""

    def dispatch(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch
        if request.method != "POST":
            return answer(request, page_id, *args, **kwargs)
        page = get_object_or_404(Page, pk=page_id)
        if page.numchild and (response := self._delete_below(request, page)) is not None:
            return response
        return repeat_on_collision(lambda: commit(lambda: answer(request, page_id, *args, **kwargs), request.path))

    def _delete_below(self, request: HttpRequest, page: Page) -> HttpResponseBase | None:
        """Delete the pages below a page, if Wagtail's view would. Its view answers for all that it refuses."""
        if not page.permissions_for_user(request.user).can_delete():
            return None
        for hook in hooks.get_hooks("before_delete_page"):
            if hasattr(response := hook(request, page.specific), "status_code"):
                return response
        if ReferenceIndex.get_references_to(page).group_by_source_object().is_protected:
            return None
        if not type_to_delete_confirmation(request):
            return None
        keys = list(page.get_descendants().order_by("-path").values_list("pk", flat=True))

        def delete(below: Page) -> None:
            DeletePageAction(below, user=request.user).execute(skip_permission_checks=True)

        return change_below(request, keys, delete, DeleteBulkAction.display_name)


class DividedUnpublishView(UnpublishView):
    """Wagtail's view, which unpublishes the pages below first."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().post
        return self._unpublish_below() or repeat_on_collision(
            lambda: commit(lambda: answer(request, *args, **kwargs), request.path)
        )

    def _unpublish_below(self) -> HttpResponseBase | None:
        request = self.request
        if not request.POST.get("include_descendants"):
            return None
        # Wagtail's view runs the hooks again for the page itself.
        if (response := self.run_hook("before_unpublish_page", request, self.object)) is not None:
            return response
        below = self.object.get_descendants().live().order_by("path")
        keys = [page.pk for page in below if page.permissions_for_user(request.user).can_unpublish()]

        def unpublish(page: Page) -> None:
            UnpublishPageAction(page.specific, user=request.user).execute(skip_permission_checks=True)

        return change_below(request, keys, unpublish, self.page_title)
