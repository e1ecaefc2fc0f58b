"""Edit forms that write nothing when they are opened: no editing session and no subscription to comments.

Replaces: the model `EditingSession` in the modules of the edit views of pages and of snippets, and `PageSubscription`
    in that of pages, by classes that make unsaved rows.
Why no hook serves: Wagtail stores the rows, and deletes stale sessions, when the form is rendered, in a GET request.
    The first ping of the browser, a POST request of the next seconds, makes a session if it does not find the one that
    its URL names; saving the page saves the subscription. So the form works without the rows. The views have no
    function around these lines that a subclass could replace.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/overrides/test_opened_forms.py.
"""

from __future__ import annotations

from typing import Any

from wagtail.admin.models import EditingSession
from wagtail.admin.views.generic import mixins
from wagtail.admin.views.pages import edit
from wagtail.models import PageSubscription

# No row has this key: keys begin at 1.
NO_SESSION = 0


class _UnsavedSessions:
    """Stands for the model within the views: it stores and deletes nothing."""

    @property
    def objects(self) -> _UnsavedSessions:
        return self

    def create(self, **values: Any) -> EditingSession:
        return EditingSession(pk=NO_SESSION, **values)

    def cleanup(self) -> None:
        """Do nothing: the nightly command deletes stale sessions."""


class _Subscriptions:
    """Stands for the model within the view of pages: it finds subscriptions and stores none."""

    @property
    def objects(self) -> _Subscriptions:
        return self

    def filter(self, **lookups: Any) -> Any:
        return PageSubscription.objects.filter(**lookups)

    def get_or_create(self, *, defaults: dict[str, Any], **lookups: Any) -> tuple[PageSubscription, bool]:
        found = PageSubscription.objects.filter(**lookups).first()
        return (found, False) if found is not None else (PageSubscription(**lookups, **defaults), True)


def write_nothing_when_forms_open() -> None:
    """Replace the models in the edit views. Called once, when the applications are ready."""
    edit.EditingSession = mixins.EditingSession = _UnsavedSessions()
    edit.PageSubscription = _Subscriptions()
