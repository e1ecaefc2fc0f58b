"""Requests of the admin whose cost grows with the content of the department are counted by a rate limit."""

from collections import Counter
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models.sql.compiler import SQLCompiler
from django.urls import reverse

from cms.pages.models import StandardPage
from sites.admin.access_control.page_counts import SUBTREE_FIELDS
from sites.rate_limits.admin_limits import ENDING_SESSIONS, PINGS, admin_rules
from tests.factories.pages import home_of
from tests.sites.rate_limits.conftest import rate_limits

from .arguments import form_for
from .endpoints import admin_names
from .targets import admin_targets, reason_to_skip

__all__ = ["rate_limits"]
pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("uninstrumented_templates")]

# More than a page of any list shows.
CONTENTS = 60
# Two limited requests and three limited changes whose cost grows.
GROWING = {"translation_board", "wagtailadmin_home"}
GROWING_CHANGES = {"wagtailadmin_api:pages:action", "wagtailadmin_pages:copy", "wagtail_bulk_action"}


@pytest.fixture
def rows(monkeypatch):
    """Return a counter whose key "loaded" is the number of rows that queries have returned."""
    counter = Counter()
    results_iter = SQLCompiler.results_iter

    def counted(compiler, *args, **kwargs):
        for row in results_iter(compiler, *args, **kwargs):
            counter["loaded"] += 1
            yield row

    monkeypatch.setattr(SQLCompiler, "results_iter", counted)
    return counter


def rows_of(client, url, rows):
    """Return the number of rows that a GET request loads."""
    rows.clear()
    response = client.get(url)
    if response.streaming:
        b"".join(response)
    return rows["loaded"]


def add_contents(department, first):
    """Add contents with translations below the homes."""
    for number in range(first, first + CONTENTS):
        fields = {"title": f"Page {number}", "slug": f"more-{number}", "translation_key": uuid4()}
        for language_code in ("fr", "en"):
            home = home_of(department, language_code)
            home.add_child(instance=StandardPage(locale=home.locale, **fields))


def test_no_request_whose_cost_grows_with_the_contents_is_unlimited(login_as, fixture_data, rows, rf):
    client, department = login_as("administrator"), fixture_data.ours.department
    client.raise_request_exception = False
    add_contents(department, 0)
    urls = {each.url: each.endpoint.name for each in admin_targets(fixture_data, "own")
                 if not reason_to_skip(each.endpoint, "own")}  # fmt: skip
    urls[reverse("translation_board") + "?language=en&state=missing"] = "translation_board"
    # A limited request may cost what it wants; two of them show that the test measures growth.
    unlimited = {url for url, name in urls.items() if not admin_rules(rf.get(url), name)}
    urls = {url: name for url, name in urls.items() if url in unlimited or name in GROWING}
    before = {url: rows_of(client, url, rows) for url in urls}
    add_contents(department, CONTENTS)
    growing = {
        url: urls[url]
        for url, loaded in before.items()
        if loaded >= CONTENTS and rows_of(client, url, rows) >= loaded + CONTENTS
    }
    assert set(growing.values()) >= GROWING
    assert growing.keys() & unlimited == set()


def test_every_change_is_counted(rf):
    unlimited = {name for name in admin_names() if not admin_rules(rf.post("/"), name)}
    assert unlimited == PINGS | ENDING_SESSIONS


# The pages below the page of a request.
FEW, MANY = 4, 12
API_ACTIONS = ("copy", "copy_for_translation", "create_alias", "delete", "move", "publish", "unpublish")


def change_targets(fixture_data):
    """Yield the endpoint and URL of each change that somebody can send for an own page."""
    for each in admin_targets(fixture_data, "own"):
        if reason_to_skip(each.endpoint, "own"):
            continue
        if each.endpoint.name == "wagtailadmin_api:pages:action":
            for action in API_ACTIONS:
                yield each.endpoint, reverse(each.endpoint.name, args=[fixture_data.ours.page.pk, action])
        else:
            yield each.endpoint, each.url


def queries_of_change(client, endpoint, url, fixture_data):
    """Return the number of queries of a POST with all fields that extend it to the pages below, and undo it."""
    home = fixture_data.ours.department.site.root_page_id
    form = form_for(fixture_data, endpoint, "own") | dict.fromkeys(SUBTREE_FIELDS, "on")
    form |= {
        "new_title": "Copy", "new_slug": "copy", "slug": "copy", "destination_page_id": home, "destination_page": home,
        "locale": "en", "update_from_pages": "on", "include_subtree": "on", "publish": "on",
    }  # fmt: skip
    number = 0

    def count(execute, *args):
        nonlocal number
        number += 1
        return execute(*args)

    with transaction.atomic(), connection.execute_wrapper(count):
        client.post(url, form)
        transaction.set_rollback(True)
    return number


def test_no_change_whose_cost_grows_with_the_pages_below_is_counted_as_a_save_only(login_as, fixture_data, rf):
    client, page = login_as("administrator"), fixture_data.ours.page
    client.raise_request_exception = False

    def add_pages(number):
        for _number in range(number):
            page.add_child(instance=StandardPage(title="Page", slug=str(uuid4()), locale=page.locale))

    add_pages(FEW)
    targets = {url: endpoint for endpoint, url in change_targets(fixture_data)}
    cheap = {name for name in admin_names() if "admin_costly.account" not in admin_rules(rf.post("/"), name)}
    targets = {url: endpoint for url, endpoint in targets.items() if endpoint.name in cheap | GROWING_CHANGES}
    before = {url: queries_of_change(client, endpoint, url, fixture_data) for url, endpoint in targets.items()}
    add_pages(MANY - FEW)
    growing = {
        url: targets[url].name
        for url, number in before.items()
        if queries_of_change(client, targets[url], url, fixture_data) >= number + MANY - FEW
    }
    assert set(growing.values()) >= GROWING_CHANGES
    assert set(growing.values()) & cheap == set()


@pytest.mark.parametrize("query", ["", "?export=csv"])
def test_the_board_and_its_export_are_refused_beyond_the_limit(login_as, rate_limits, query):
    rate_limits["admin_costly.account"] = "2/hour"
    client, url = login_as("translator:en"), reverse("translation_board") + query
    assert [client.get(url).status_code for _attempt in range(3)] == [200, 200, 429]
