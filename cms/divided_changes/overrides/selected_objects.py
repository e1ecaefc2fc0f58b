"""Bulk actions of all models, Wagtail's and ours, in short transactions and, if they take longer, in several requests.

Replaces: `BulkAction.form_valid` of `wagtail.admin`, which changes all selected objects and the pages below them in one
    transaction: 200 small pages took 7.5 s, and four of them all threads of a web process. Extends
    `BulkAction.get_queryset`, before which no number of objects is refused: each page takes two queries after it.
Why no hook serves: `before_bulk_action` and `after_bulk_action` run inside this transaction, and not for the form.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/admin/test_divided_changes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.views.bulk_action import BulkAction
from wagtail.admin.views.pages.bulk_actions import DeleteBulkAction, PublishBulkAction, UnpublishBulkAction
from wagtail.models import Page

from cms.request_transactions.short_transactions import in_short_transactions
from sites.admin.access_control.page_counts import limited_keys

from ..continuation import DONE, REFUSALS, ChangeProgress, continuation, number_in, show_refusal

# Objects of other models than pages that are changed at once: an action takes a few queries for all of them.
OBJECTS_AT_ONCE = 50
# Hidden fields: the keys of the pages that are changed because a page above them was selected, and the number of those
# that are changed already.
BELOW, DONE_BELOW = "divided_change_below", "divided_change_done_below"
INCLUDE_DESCENDANTS = "include_descendants"


def replace_form_valid() -> None:
    """Replace the methods. To be called once, when the applications are ready."""
    BulkAction.form_valid = form_valid
    original = BulkAction.get_queryset.__func__

    def get_queryset(cls: type[BulkAction], model: type[Model], object_ids: Iterable[Any]) -> Any:
        return original(cls, model, limited_keys(object_ids))

    BulkAction.get_queryset = classmethod(get_queryset)


@dataclass(frozen=True)
class _Step:
    """Objects that are changed at once: a page, or several objects of another model."""

    keys: tuple[Any, ...]
    is_below: bool = False


def form_valid(action: Any, form: Any) -> HttpResponseBase:
    """Change the selected objects, or the first of them, and return the next screen. Replaces Wagtail's method."""
    action.cleaned_form = form
    selected, without_access = action.get_actionable_objects()
    action.actionable_objects = selected
    # The hooks run before the permissions of the pages below are read, since one of them refuses too many pages.
    with transaction.atomic():
        if (response := _run_hooks("before_bulk_action", action, selected)) is not None:
            return response
    objects, keys_below = _with_pages_below(action, selected)
    action.actionable_objects = action.annotate_items(objects)
    if (response := _response(action.prepare_action(objects, without_access))) is not None:
        return response
    steps = list(_steps(objects, keys_below))
    return _perform(action, steps)


def _perform(action: Any, steps: Sequence[_Step]) -> HttpResponseBase:
    """Perform steps for about a second. A step that is refused ends the change; those before it stay done."""
    request: HttpRequest = action.request
    responses: list[HttpResponseBase] = []
    before, below_before = number_in(request, DONE), number_in(request, DONE_BELOW)
    number = 0

    def change(step: _Step) -> None:
        objects = _present(action, step.keys)
        # The lock of the quota to which files move ended with the transaction of the first check. Pages have no quota.
        has_quota = bool(objects) and not isinstance(objects[0], Page)
        if has_quota and (response := _run_hooks("before_bulk_action", action, objects)) is not None:
            responses.append(response)
            return
        if objects:
            type(action).execute_action(objects, **_execution_context(action))
        if (response := _run_hooks("after_bulk_action", action, objects)) is not None:
            responses.append(response)

    try:
        for number in in_short_transactions(steps, change, request.path):  # noqa: B007 (read after an error)
            pass
    except REFUSALS:
        show_refusal(request, before + _count(steps[:number]))
        raise
    done = before + _count(steps[:number])
    below = below_before + _count(step for step in steps[:number] if step.is_below)
    if rest := steps[number:]:
        progress = ChangeProgress(done, done + _count(rest))
        fields = {BELOW: ",".join(str(step.keys[0]) for step in rest if step.is_below), DONE_BELOW: below}
        url = _url_of_rest(request, rest)
        return continuation(request, progress, title=action.display_name, fields=fields, url=url)
    if responses:
        return responses[0]
    if (message := action.get_success_message(done - below, below)) is not None:
        messages.success(request, message)
    following: HttpResponseBase = redirect(action.next_url)
    return following


def _with_pages_below(action: Any, selected: Sequence[Any]) -> tuple[list[Model], set[Any]]:
    """Return the objects in the order in which they are changed, and the keys of those that were not selected.

    A deletion begins with the lowest pages, publication and its end with the selected ones.
    """
    noted = {key for key in action.request.POST.get(BELOW, "").split(",") if key}
    below = {each.pk for each in selected if str(each.pk) in noted}
    if not isinstance(action, DeleteBulkAction | PublishBulkAction | UnpublishBulkAction):
        return list(selected), below
    pages: dict[Any, Any] = {page.pk: page for page in sorted(selected, key=lambda page: (page.pk in below, page.path))}
    for page in list(pages.values()):
        for each in _pages_below(action, page) if page.numchild else ():
            if each.pk not in pages:
                pages[each.pk] = each
                below.add(each.pk)
    if isinstance(action, DeleteBulkAction):
        return sorted(pages.values(), key=lambda page: page.path, reverse=True), below
    return list(pages.values()), below


def _pages_below(action: Any, page: Page) -> Iterable[Page]:
    """Return the pages below a selected one that the action changes too."""
    pages: Any = page.get_descendants()
    if isinstance(action, DeleteBulkAction):
        return list(pages)
    if not action.cleaned_form.cleaned_data[INCLUDE_DESCENDANTS]:
        return ()
    pages = pages.live() if isinstance(action, UnpublishBulkAction) else pages.not_live()
    return [each for each in pages if action.check_perm(each)]


def _steps(objects: Sequence[Model], below: set[Any]) -> Iterator[_Step]:
    if objects and isinstance(objects[0], Page):
        yield from (_Step((page.pk,), page.pk in below) for page in objects)
    else:
        keys = [each.pk for each in objects]
        for start in range(0, len(keys), OBJECTS_AT_ONCE):
            yield _Step(tuple(keys[start : start + OBJECTS_AT_ONCE]))


def _count(steps: Iterable[_Step]) -> int:
    return sum(len(step.keys) for step in steps)


def _present(action: Any, keys: Sequence[Any]) -> list[Model]:
    """Return the objects as they are now: other transactions have changed or deleted some."""
    return list(action.model._default_manager.filter(pk__in=keys))


def _execution_context(action: Any) -> dict[str, Any]:
    """Return the arguments of the action, with pages as they are now: a move adds a child to the new parent."""
    context = action.get_execution_context()
    context = {
        name: Page.objects.get(pk=value.pk) if isinstance(value, Page) else value for name, value in context.items()
    }
    return context | ({INCLUDE_DESCENDANTS: False} if INCLUDE_DESCENDANTS in context else {})


def _run_hooks(name: str, action: Any, objects: Sequence[Model]) -> HttpResponseBase | None:
    for hook in hooks.get_hooks(name):
        if (response := _response(hook(action.request, action.action_type, objects, action))) is not None:
            return response
    return None


def _response(result: Any) -> HttpResponseBase | None:
    return result if hasattr(result, "status_code") else None


def _url_of_rest(request: HttpRequest, steps: Iterable[_Step]) -> str:
    """Return the URL of the action for the objects of steps."""
    query = request.GET.copy()
    query.pop("childOf", None)
    query.setlist("id", [str(key) for step in steps for key in step.keys])
    return f"{request.path}?{query.urlencode()}"
