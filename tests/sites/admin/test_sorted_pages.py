"""Sorting the pages of a section by hand: all of them at once, up to a limit."""

import pytest
from django.urls import reverse

from cms.pages.models import StandardPage
from sites.admin.screens import page_views
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def section(client, commits):
    department = make_department("allier")
    with commits():
        section = make_page(StandardPage, department, title="Section")
        for number in range(3):
            make_page(StandardPage, section, title=f"Page {number}", publish=False)
    client.force_login(make_user("editor", groups=["allier:publisher"]))
    return section


def sort_by_hand(client, section):
    return client.get(reverse("wagtailadmin_explore", args=[section.pk]), {"ordering": "ord"})


def test_few_pages_are_shown_at_once(client, section):
    response = sort_by_hand(client, section)
    assert response.context["ordering"] == "ord"
    assert "triées à la main" not in response.content.decode()


def test_more_pages_are_listed_as_usual_with_a_message(client, section, monkeypatch):
    monkeypatch.setattr(page_views, "MAX_SORTED_PAGES", 2)
    response = sort_by_hand(client, section)
    assert response.context["ordering"] != "ord"
    assert response.context["paginator"].per_page == page_views.ExplorerView.paginate_by
    assert "Seules 2 pages peuvent être triées à la main" in response.content.decode()
