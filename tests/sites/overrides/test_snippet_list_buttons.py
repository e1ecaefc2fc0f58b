"""The parts of Wagtail that `sites.admin.overrides.snippet_list_buttons` relies on."""

import pytest
from wagtail import hooks
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button, ButtonWithDropdown, ListingButton
from wagtail.snippets.views import snippets

from sites.admin.overrides.snippet_list_buttons import WithoutHookButtonsMixin

pytestmark = pytest.mark.embedded

BUTTONS = [ListingButton("Edit", "/edit/"), Button("Delete", "/delete/")]


class SnippetIndexView(snippets.IndexView):
    def get_list_more_buttons(self, instance):
        return BUTTONS


class IndexViewWithoutHooks(WithoutHookButtonsMixin, SnippetIndexView):
    pass


def labels(view_class, rf, admin_user):
    view = view_class()
    view.request = rf.get("/")
    view.request.user = admin_user
    return [
        [inner.label for inner in button.dropdown_buttons] if isinstance(button, ButtonWithDropdown) else button.label
        for button in view.get_list_buttons("row")
    ]


@pytest.mark.django_db
def test_without_hooks_wagtail_shows_the_same_buttons(rf, admin_user, monkeypatch):
    """The replaced method adds only the buttons of hooks to those of its parent, so no check is lost."""
    called = []
    monkeypatch.setattr(hooks, "get_hooks", lambda name: called.append(name) or [])
    shown = labels(SnippetIndexView, rf, admin_user)
    assert shown == labels(IndexViewWithoutHooks, rf, admin_user)
    assert shown == ["Edit", ["Delete"]]
    assert set(called) == {"register_snippet_listing_buttons", "construct_snippet_listing_buttons"}


def test_the_parent_of_the_replaced_method_takes_the_row():
    assert issubclass(snippets.IndexView, generic.IndexView)
    assert generic.IndexView.get_list_buttons.__code__.co_varnames[:2] == ("self", "instance")
