"""One account has one change of many objects at a time, so that it cannot hold all threads of a process."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail import hooks

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def page(commits):
    with commits():
        return make_page(StandardPage, make_department("allier", code="03"))


@pytest.fixture
def browser():
    """Return a function that logs an account in and returns its client."""

    def browser(user):
        client = Client()
        client.force_login(user)
        client.raise_request_exception = False
        return client

    return browser


def publish(client, page):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    return client.post(f"{url}?id={page.pk}")


def test_an_account_has_one_change_of_many_objects_at_a_time(page, browser):
    ours, theirs = (make_user(name, groups=["allier:publisher"]) for name in ("ours", "theirs"))
    same, other, answers = browser(ours), browser(theirs), {}

    def during(request, action_type, objects, action):
        if request.user.pk == ours.pk:
            answers["same"] = publish(same, page)
            answers["read"] = same.get(reverse("wagtailadmin_home"))
            answers["other"] = publish(other, page)

    client = browser(ours)
    with hooks.register_temporarily("before_bulk_action", during):
        assert publish(client, page).status_code == 302
    assert {name: answer.status_code for name, answer in answers.items()} == {"same": 429, "read": 200, "other": 302}
    assert int(answers["same"]["Retry-After"]) > 0
    assert publish(same, page).status_code == 302


def test_a_change_that_fails_releases_its_lock(page, browser):
    client = browser(make_user("ours", groups=["allier:publisher"]))

    def fail(request, action_type, objects, action):
        raise RuntimeError("no such thing")

    with hooks.register_temporarily("before_bulk_action", fail):
        assert publish(client, page).status_code == 500
    assert publish(client, page).status_code == 302
