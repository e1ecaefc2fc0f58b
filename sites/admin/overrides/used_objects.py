"""Deletion of an object that is in use: the answer names what uses it, instead of “no permission”.

Replaces: `form_valid` of Wagtail's generic `DeleteView`, `post` of its `pages.DeleteView` and `prepare_action` of the
    mixin of bulk deletions, by functions that call the original, and raise ProtectedError if it denies permission to
    delete an object in use; `post` of its deletion of a collection, which answers with an empty page if something has
    been put into the collection since the form was opened, by a function that shows the form with its contents.
Why no hook serves: the views raise PermissionDenied, which a decorator of the admin turns into “no permission” before a
    middleware sees it. Hooks before a deletion exist for pages and snippets only, and run for GET requests too, which
    show the reason.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_used_objects.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import PROTECT, Model, ProtectedError
from wagtail.admin.views.bulk_action.mixins import ReferenceIndexMixin
from wagtail.admin.views.collections import Delete as DeleteCollection
from wagtail.admin.views.generic.models import DeleteView
from wagtail.admin.views.pages.delete import DeleteView as PageDeleteView


def name_uses_of_protected_objects() -> None:
    """Let the deletion views raise ProtectedError. To be called once, when the applications are ready."""
    _show_collection_contents()
    _refuse_used_objects(DeleteView, "form_valid", lambda view: [view.usage] if view.usage else [])
    _refuse_used_objects(PageDeleteView, "post", lambda view: [view.usage])
    _refuse_used_objects(ReferenceIndexMixin, "prepare_action", lambda view: view.object_references.values())


def _show_collection_contents() -> None:
    original = DeleteCollection.post

    @wraps(original)
    def post(view: Any, *args: Any, **kwargs: Any) -> Any:
        response = original(view, *args, **kwargs)
        is_refused = response.status_code == HTTPStatus.FORBIDDEN
        return view.render_to_response(view.get_context_data()) if is_refused else response

    DeleteCollection.post = post


def _refuse_used_objects(view_class: type, name: str, usages: Callable[[Any], Iterable[Any]]) -> None:
    """Replace a method by one that raises ProtectedError where the original denies permission to an object in use.

    `usages` returns the `ReferenceGroups` of the objects of a view.
    """
    original = getattr(view_class, name)

    @wraps(original)
    def method(view: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(view, *args, **kwargs)
        except PermissionDenied:
            _refuse_used(usages(view))
            raise

    setattr(view_class, name, method)


def _refuse_used(usages: Iterable[Any]) -> None:
    """Raise ProtectedError, with the objects that prevent a deletion, if there are any."""
    users: set[Model] = set()
    for usage in usages:
        if usage.is_protected:
            users |= {user for user, references in usage if any(each.on_delete == PROTECT for each in references)}
    if users:
        raise ProtectedError("The object is in use.", users)
