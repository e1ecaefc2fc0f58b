"""The view that copies a page, or makes an alias of it, with the pages below it: page by page, in short transactions.

The first request copies the page itself. Each request sends a signed list of the copies to the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext
from wagtail import hooks
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.admin import messages
from wagtail.admin.views.pages.copy import CopyView
from wagtail.models import Page

from cms.request_transactions.repetition import commit, repeat_on_collision
from cms.request_transactions.short_transactions import in_short_transactions
from sites.admin.access_control.page_counts import refuse_too_many, too_many_aliases_message

from .continuation import REFUSALS, ChangeProgress, continuation, show_refusal
from .overrides.page_copies import copy_to

COPIES = "divided_change_copies"
NOT_COPIED = 0
SALT = "cms.divided_changes.tree_copies"
# Seconds for which a list of copies is read. Requests follow each other at once.
MAX_AGE = 3600
# Texts of Wagtail's catalogue.
EDIT, COPIED = "Edit", "Page '%(page_title)s' and %(subpages_count)s subpages copied."


@dataclass
class _Copies:
    """The copies that are made: {key of a page: key of its copy}, the copied page first; NOT_COPIED if skipped."""

    keys: dict[int, int]
    is_alias: bool
    keep_live: bool

    @property
    def number(self) -> int:
        return sum(copy != NOT_COPIED for copy in self.keys.values())

    def signed(self, request: HttpRequest) -> str:
        return signing.dumps([_account_key(request), list(self.keys.items()), self.is_alias, self.keep_live], salt=SALT)

    @classmethod
    def from_request(cls, request: HttpRequest, page: Page) -> _Copies:
        """Return the list that a request sends. Raises BadRequest for one of another account or page."""
        try:
            account, pairs, is_alias, keep_live = signing.loads(request.POST[COPIES], salt=SALT, max_age=MAX_AGE)
        except signing.BadSignature as error:
            raise BadRequest from error
        keys = dict(pairs)
        if account != _account_key(request) or page.pk not in keys:
            raise BadRequest
        return cls(keys, is_alias, keep_live)


def _account_key(request: HttpRequest) -> str:
    return str(request.user.pk)


class DividedCopyView(CopyView):
    """Wagtail's view, in short transactions."""

    # The copies that this request has begun, and the copy of the page itself.
    started: tuple[_Copies, Page] | None = None

    def post(self, request: HttpRequest, page_id: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if COPIES in request.POST:
            copies = _Copies.from_request(request, self.page)
            copy = get_object_or_404(Page, pk=copies.keys[self.page.pk])
            permissions = copy.permissions_for_user(request.user)
            if not permissions.can_add_subpage() or (copies.keep_live and not permissions.can_publish_subpage()):
                raise PermissionDenied
            # The hooks count the pages below only if the form has the field for them.
            return refuse_too_many(request, [self.page], with_pages_below=True) or self._copy_below(copies, copy)
        answer = super().post
        response = repeat_on_collision(lambda: commit(lambda: answer(request, page_id, *args, **kwargs), request.path))
        return self._copy_below(*self.started) if self.started is not None else response

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Copy the page itself as Wagtail does; `post` copies those below, after the commit.

        Raises ValidationError if a page would have too many aliases.
        """
        self.started = None
        parent, user, values = form.cleaned_data["new_parent_page"], self.request.user, form.cleaned_data
        is_recursive = bool(values.get("copy_subpages"))
        if values.get("alias") and (reason := too_many_aliases_message(self.page, with_pages_below=is_recursive)):
            raise ValidationError(reason)
        if not is_recursive:
            return super().form_valid(form)
        keep_live = bool(values.get("publish_copies")) and parent.permissions_for_user(user).can_publish_subpage()
        if values.get("alias"):
            alias = CreatePageAliasAction(
                self.page.specific, recursive=True, parent=parent, update_slug=values["new_slug"], user=user
            )
            alias.check(skip_permission_checks=True)
            alias.recursive = False
            new_page = alias.execute(skip_permission_checks=True)
        else:
            attributes = {"title": values["new_title"], "slug": values["new_slug"]}
            action = CopyPageAction(
                page=self.page, recursive=True, to=parent, update_attrs=attributes, keep_live=keep_live, user=user
            )
            action.check()
            action.recursive = False
            new_page = action.execute(skip_permission_checks=True)
        self.started = _Copies({self.page.pk: new_page.pk}, bool(values.get("alias")), keep_live), new_page
        return redirect("wagtailadmin_explore", parent.pk)

    def _copy_below(self, copies: _Copies, new_page: Page) -> HttpResponseBase:
        """Copy pages for about a second. Return the next screen."""
        request = self.request
        # Copies that are moved below the copied page would be copied again, without end.
        pages = self.page.get_descendants().exclude(path__startswith=new_page.path).order_by("path")
        handled = {*copies.keys, *copies.keys.values()}
        keys = [key for key in pages.values_list("pk", flat=True) if key not in handled]
        made: dict[int, int] = {}
        number = 0
        try:
            for number in in_short_transactions(keys, lambda key: self._copy(key, copies, made), request.path):
                copies.keys.update({key: made[key] for key in keys[:number]})
        except REFUSALS:
            show_refusal(request, copies.number)
            raise
        if rest := keys[number:]:
            progress = ChangeProgress(len(copies.keys), len(copies.keys) + len(rest))
            return continuation(request, progress, title=self._title, fields={COPIES: copies.signed(request)})
        return self._copied(copies, new_page)

    def _copy(self, key: int, copies: _Copies, made: dict[int, int]) -> None:
        """Copy one page below the copy of its parent; skip it if one of them is missing, or its slug is taken."""
        made[key] = NOT_COPIED
        page = Page.objects.filter(pk=key).first()
        if page is None:
            return
        parent_key = page.get_parent().pk
        parent_copy = made.get(parent_key) or copies.keys.get(parent_key, NOT_COPIED)
        copy = copy_to(page, parent_copy, is_alias=copies.is_alias, keep_live=copies.keep_live, user=self.request.user)
        if copy is not None:
            made[key] = copy.pk

    @property
    def _title(self) -> str:
        title: str = self.page.specific_deferred.get_admin_display_title()
        return title

    def _copied(self, copies: _Copies, new_page: Page) -> HttpResponseBase:
        """Return to the list with Wagtail's message."""
        edit_button = messages.button(reverse("wagtailadmin_pages:edit", args=(new_page.pk,)), gettext(EDIT))
        values = {"page_title": self._title, "subpages_count": copies.number - 1}
        messages.success(self.request, gettext(COPIED) % values, buttons=[edit_button])
        for hook in hooks.get_hooks("after_copy_page"):
            if hasattr(response := hook(self.request, self.page, new_page), "status_code"):
                return response
        if self.next_url:
            return redirect(self.next_url)
        return redirect("wagtailadmin_explore", new_page.get_parent().pk)
