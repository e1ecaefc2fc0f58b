"""The parts of Wagtail that `sites.admin.overrides.draft_screens` relies on."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from wagtail.admin.views.generic import UsageView as GenericUsageView
from wagtail.admin.views.pages.history import PageHistoryView
from wagtail.admin.views.pages.preview import ViewDraftView
from wagtail.admin.views.pages.revisions import RevisionsCompareView, RevisionsView
from wagtail.admin.views.pages.usage import UsageView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page

from sites.admin.overrides import draft_screens
from sites.admin.screens.page_views import DepartmentPageViewSet

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

OBJECT_VIEWS = (PageHistoryView, RevisionsView, RevisionsCompareView)


class RecordedPermissions:
    """Page permissions that return `answer` for each check and record the names of the checks."""

    def __init__(self, answer):
        self.answer, self.checks = answer, set()

    def __getattr__(self, name):
        self.checks.add(name)
        return lambda *args, **kwargs: self.answer


@pytest.fixture
def page(db):
    return Page.objects.get(depth=1).add_child(instance=Page(title="Draft", live=False))


def ask_with(monkeypatch, answer):
    permissions = RecordedPermissions(answer)
    monkeypatch.setattr(Page, "permissions_for_user", lambda page, user: permissions)
    monkeypatch.setattr(Page, "make_preview_request", lambda page, request, mode: HttpResponse(mode))
    monkeypatch.setattr(GenericUsageView, "dispatch", lambda view, request, *args, **kwargs: HttpResponse())
    return permissions


def view_of(view_class, page, rf, admin_user):
    view = view_class()
    view.request, view.pk, view.object = rf.get("/"), page.pk, page
    view.request.user = admin_user
    return view


def open_page(view_class, page, rf, admin_user):
    view = view_of(view_class, page, rf, admin_user)
    if view_class in OBJECT_VIEWS:
        return view.get_object()
    return view.dispatch(view.request, page_id=page.pk)


@pytest.mark.parametrize("view_class", [*OBJECT_VIEWS, ViewDraftView, UsageView])
def test_wagtail_asks_only_whether_the_user_may_edit_or_publish(view_class, page, rf, admin_user, monkeypatch):
    """The override would skip any further check of Wagtail for readers of drafts."""
    permissions = ask_with(monkeypatch, True)
    assert open_page(view_class, page, rf, admin_user)
    assert permissions.checks
    assert permissions.checks <= {"can_edit", "can_publish"}


@pytest.mark.parametrize("view_class", [*OBJECT_VIEWS, ViewDraftView, UsageView])
def test_wagtail_raises_permission_denied_in_the_replaced_method(view_class, page, rf, admin_user, monkeypatch):
    ask_with(monkeypatch, False)
    with pytest.raises(PermissionDenied):
        open_page(view_class, page, rf, admin_user)


def test_the_page_viewset_has_an_attribute_for_each_replaced_view():
    for name in ("history", "revisions", "revisions_compare", "usage", "view_draft"):
        attribute = f"{name}_view_class"
        assert issubclass(getattr(DepartmentPageViewSet, attribute), getattr(PageViewSet, attribute))


def test_a_new_refusal_of_wagtail_holds_for_editors(page, rf, admin_user, monkeypatch):
    """`get_object` suppresses Wagtail's refusal only for readers of drafts."""

    def refuse(view, *args, **kwargs):
        raise PermissionDenied

    monkeypatch.setattr(PageHistoryView, "get_object", refuse)
    with pytest.raises(PermissionDenied):
        view_of(draft_screens.HistoryView, page, rf, admin_user).get_object()
