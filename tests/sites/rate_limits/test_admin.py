"""Limits of costly requests to the admin, for every URL of it."""

import pytest
from django.db.models.query import QuerySet
from django.urls import reverse
from limits import parse
from wagtail.search.backends.base import BaseSearchBackend
from wagtail.search.query import MatchAll

from cms.pages.models import StandardPage
from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS
from search import results
from sites.rate_limits import admin_limits
from sites.rate_limits.admin_limits import COSTLY_SCREENS, COSTLY_URL_NAMES, SEARCH_PARAMETERS, SEARCHING_FORMS
from sites.rate_limits.limiter import consume
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.hardening.url_paths import url_paths
from tests.isolation.endpoints import admin_names

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

# Requests to these end the session, or fail on purpose.
NOT_REQUESTED = {"/admin/logout/", "/admin/error_test/"}
PATHS = sorted(path for path in url_paths() if path.startswith("/admin/") and path not in NOT_REQUESTED)


@pytest.fixture
def root(client):
    user = make_user("root", is_superuser=True)
    client.force_login(user)
    client.raise_request_exception = False
    return user


def exhaust(rate_limits, rule, user):
    rate_limits[rule] = "1/hour"
    consume(rule, user.pk)


@pytest.mark.parametrize("name", SEARCH_PARAMETERS)
def test_no_search_of_any_url_is_unlimited(client, root, rate_limits, name):
    exhaust(rate_limits, "admin_search.account", root)
    assert len(PATHS) > 200
    assert [path for path in PATHS if client.get(path, {name: "aide"}).status_code not in (429, 301, 404)] == []
    refused = client.get(reverse("wagtailadmin_explore_root"), {name: "aide"}, headers={"accept": "text/html"})
    assert (refused.status_code, int(refused["Retry-After"]) > 3000) == (429, True)
    assert client.get(reverse("wagtailadmin_explore_root"), {name: " "}).status_code == 200


def test_no_export_of_any_url_is_unlimited(client, root, rate_limits):
    exhaust(rate_limits, "admin_export.account", root)
    assert [path for path in PATHS if client.get(path, {"export": "xlsx"}).status_code not in (429, 301, 404)] == []


@pytest.mark.embedded
def test_no_url_searches_without_being_counted(client, root, rate_limits, monkeypatch):
    """Searches of Wagtail's index, of the product's index, and of the database by parts of words."""
    make_department("allier", code="03")
    searched, counted = [], []
    contains = ("__icontains", "__contains", "__istartswith", "__search")

    def recorded(owner, name, is_search=lambda *args, **kwargs: True):
        original = getattr(owner, name)

        def record(*args, **kwargs):
            if is_search(*args, **kwargs):
                searched.append(f"{getattr(owner, '__name__', owner)}.{name}")
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, record)

    for name in ("search", "autocomplete"):
        recorded(
            BaseSearchBackend,
            name,
            lambda backend, query, *args, **kwargs: not isinstance(query, MatchAll) and query != "",
        )
    recorded(results, "search_live_index")
    recorded(QuerySet, "filter", lambda *args, **kwargs: any(key.endswith(contains) for key in kwargs))
    monkeypatch.setattr(admin_limits, "consume", lambda rule, *args, **kwargs: counted.append(rule))
    uncounted, any_searched = {}, set()
    for path in PATHS:
        for parameters in ({}, {"q": "aide"}, dict.fromkeys(("query", "text", "title", "name", "s"), "aide")):
            searched.clear(), counted.clear()
            client.get(path, parameters)
            any_searched.update(searched)
            if searched and "admin_search.account" not in counted:
                uncounted[path, tuple(parameters)] = set(searched)
    assert uncounted == {}
    assert {"BaseSearchBackend.search", "BaseSearchBackend.autocomplete"} & any_searched


def test_the_named_urls_exist_and_are_limited(client, root, rate_limits):
    names = admin_names()
    assert names >= COSTLY_URL_NAMES | SEARCHING_FORMS
    exhaust(rate_limits, "admin_costly.account", root)
    exhaust(rate_limits, "admin_preview.account", root)
    exhaust(rate_limits, "admin_search.account", root)
    for path in ("/admin/images/multiple/add/", "/admin/search/promotions/new/", "/admin/block-preview/"):
        assert client.post(path).status_code == 429, path
    previews = [path for path in PATHS if "preview" in path]
    assert len(previews) > 4
    assert {client.get(path).status_code for path in previews} <= {429}


def test_saves_are_limited(client, root, rate_limits, commits):
    """The form of a page of 4.5 MB stored a revision of this size for each request, as often as one liked."""
    with commits():
        page = make_page(StandardPage, make_department("allier"), title="Page")
    urls = {
        reverse("wagtailadmin_pages:edit", args=[page.pk]): "admin_save.account",
        reverse("wagtailadmin_pages:add", args=["pages", "standardpage", page.pk]): "admin_save.account",
        reverse("wagtailsnippets_pages_person:add"): "admin_save.account",
        reverse("translation_editor", args=[1]): "admin_save.account",
        reverse("wagtailadmin_api:pages:action", args=[page.pk, "copy"]): "admin_costly.account",
    }
    for rule in set(urls.values()):
        exhaust(rate_limits, rule, root)
    for url in urls:
        for headers in ({"accept": "text/html"}, {"accept": "application/json"}):
            assert client.post(url, {}, headers=headers).status_code == 429, url
    assert client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).status_code == 200
    ping = reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", page.pk, 999_999])
    assert client.post(ping, {}).status_code != 429, "an open editor asks for other editors"
    assert client.post(reverse("account_security_sessions"), {}).status_code != 429
    client.post(reverse("wagtailadmin_logout"))
    assert "_auth_user_id" not in client.session


def test_no_person_saves_as_often_as_the_limit_allows():
    """An editor saves half a second after a change: once a second without a break, in two windows, is allowed."""
    rate = parse(DEFAULT_RATE_LIMITS["admin_save.account"])
    assert rate.amount >= 2 * rate.get_expiry()


def test_each_account_has_limits_of_its_own_and_visitors_are_not_counted(client, root, rate_limits):
    exhaust(rate_limits, "admin_search.account", root)
    client.force_login(make_user("other", is_superuser=True))
    assert client.get(reverse("wagtailadmin_explore_root"), {"q": "aide"}).status_code == 200
    client.logout()
    for _attempt in range(3):
        assert client.get(reverse("wagtailadmin_explore_root"), {"q": "aide"}).status_code == 302
    response = client.get("/api/v1/departments/", {"q": "aide"})
    assert "Cookie" not in response.get("Vary", "")


LONG_TEXTS = ("a " * 65, "a-" * 150, "x" * 301)
ALLOWED_TEXTS = ("a " * 64, "x" * 300, "a'" * 64, "(a) " * 64, "e\u0301 " * 32, "a OR b " * 21, '"' * 300)


@pytest.mark.parametrize("text", LONG_TEXTS)
def test_a_search_that_the_database_would_refuse_is_refused_by_every_url(client, root, text):
    allier = make_department("allier", code="03")
    assert [path for path in PATHS if client.get(path, {"q": text}).status_code not in (400, 301, 404)] == []
    response = client.get("/api/v2/pages/", {"search": text}, headers={"host": allier.site.hostname})
    assert response.status_code == 400


@pytest.mark.parametrize("text", ALLOWED_TEXTS)
def test_the_longest_searches_are_answered(client, root, text):
    allier = make_department("allier", code="03")
    names = ("wagtailadmin_explore_root", "wagtailadmin_pages:search", "wagtailimages:index", "wagtaildocs:index")
    for name in (*names, "wagtailsnippets_pages_person:list", "wagtailusers_users:index", "promotions:index"):
        assert client.get(reverse(name), {"q": text}).status_code == 200, name
    response = client.get("/api/v2/pages/", {"search": text}, headers={"host": allier.site.hostname})
    assert response.status_code == 200


@pytest.mark.parametrize("name", sorted(COSTLY_SCREENS))
def test_screens_of_a_translation_are_limited_and_their_changes_count_as_saves(rf, name):
    assert name in admin_names()
    assert admin_limits.admin_rules(rf.get("/"), name) == ["admin_costly.account"]
    assert admin_limits.admin_rules(rf.post("/"), name) == ["admin_save.account"]
