"""The parts of Wagtail that `sites.admin.overrides.opened_forms` relies on."""

import inspect

import pytest
from wagtail.admin.views import editing_sessions
from wagtail.admin.views.generic import mixins
from wagtail.admin.views.pages import edit

pytestmark = pytest.mark.embedded


@pytest.mark.parametrize(
    "view", [edit.EditView, mixins.CreateEditViewOptionalFeaturesMixin], ids=lambda view: view.__name__
)
def test_the_views_use_the_model_only_to_create_a_session_and_to_delete_stale_ones(view):
    module = inspect.getsource(inspect.getmodule(view))
    assert module.count("EditingSession.") == 2
    source = inspect.getsource(view.get_editing_sessions)
    assert "EditingSession.cleanup()" in source
    assert "EditingSession.objects.create(" in source


def test_the_ping_makes_a_session_that_does_not_exist():
    source = inspect.getsource(editing_sessions.ping)
    assert "except EditingSession.DoesNotExist:\n        session = EditingSession(" in source


def test_the_view_of_pages_finds_and_makes_subscriptions_with_two_functions_of_the_model():
    module = inspect.getsource(edit)
    assert module.count("PageSubscription.") == 2
    assert "PageSubscription.objects.filter(" in module
    assert "self.subscription, created = PageSubscription.objects.get_or_create(" in module
    # Each way to save the page saves the subscription too.
    assert module.count("self.subscription.save()") == 6
