"""No call of a search engine runs inside a transaction of the database, and each call has a time limit.

A transaction that waits for another service keeps its locks, and with SQLite every other writer, for that time.
"""

import socket
import time

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.urls import reverse
from elastic_transport import Transport

from cms.pages.models import StandardPage
from search.engines.elasticsearch.circuit_breaker import CREATE_TIMEOUT
from search.engines.embedded.engine import EmbeddedEngine, EmbeddedStore
from search.models import Promotion
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user
from tests.hardening.url_paths import url_paths
from tests.isolation.test_own_work import form_of_page

pytestmark = pytest.mark.django_db(transaction=True)

CALLS_OF_THE_STORE = ("names", "live_name", "live_engine", "make_live", "open", "remove")
CALLS_OF_THE_ENGINE = (
    "apply", "clear", "search", "suggest", "similar", "counts", "mark", "set_mark", "missing_languages",
    "unavailable_languages",
)  # fmt: skip


@pytest.fixture
def calls(monkeypatch):
    """Return the list of (call, is in a transaction) of both engines."""
    found = []

    def record(owner, name):
        original = getattr(owner, name)

        def recorded(*args, **kwargs):
            found.append((f"{owner.__name__}.{name}", connection.in_atomic_block))
            if owner is Transport:
                assert 0 < kwargs["request_timeout"] <= CREATE_TIMEOUT
                assert kwargs["max_retries"] == 0
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, recorded)

    record(Transport, "perform_request")
    for name in CALLS_OF_THE_STORE:
        record(EmbeddedStore, name)
    for name in CALLS_OF_THE_ENGINE:
        record(EmbeddedEngine, name)
    return found


@pytest.fixture
def allier(each_engine, search_index):
    department = make_department("allier", code="03", locales=("fr",))
    make_page(StandardPage, department, title="Aide alimentaire", slug="aide")
    search_index()
    return department


def in_transactions(calls):
    return [name for name, is_in_transaction in calls if is_in_transaction]


def test_no_url_calls_an_engine_in_a_transaction(client, allier, calls):
    """Every URL with every parameter that a screen of the product searches for."""
    client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False
    by_path = {}
    names = [name for name in url_paths() if name != reverse("wagtailadmin_logout")]
    for path in (*names, "/search/", "/allier/search/"):
        before = len(calls)
        # The API refuses parameters that it does not know.
        client.get(path, {"q": "aide"})
        client.get(path, {"words": "aide", "look_for": "aide", "language": "fr"})
        if in_transactions(calls[before:]):
            by_path[path] = in_transactions(calls[before:])
    assert by_path == {}
    assert len(calls) > 5


def test_the_forms_of_promotions_ask_the_index_outside_a_transaction(client, allier, calls):
    client.force_login(make_user("root", is_superuser=True))
    page = StandardPage.objects.get(slug="aide")
    form = {"language": "fr", "words": "aide", "position": "1", "department": allier.pk}
    add = reverse("promotions:add")
    assert "Aide alimentaire" in client.get(add, {"words": "aide"}).content.decode()
    assert "Aide alimentaire" in client.post(add, form | {"look_for": "aide", "look-up": "1"}).content.decode()
    response = client.post(add, form | {"content_id": str(page.translation_key)})
    assert response.status_code == 302
    edit = reverse("promotions:edit", args=[Promotion.objects.get().pk])
    assert client.get(edit).status_code == 200
    assert client.post(edit, form | {"content_id": str(page.translation_key), "position": "2"}).status_code == 302
    assert Promotion.objects.get().position == 2
    assert len(calls) >= 5
    assert in_transactions(calls) == []


def test_a_promotion_that_is_not_stored_leaves_no_row(client, allier):
    """The views run outside the transaction of a request, so they save in one of their own."""
    client.force_login(make_user("root", is_superuser=True))
    client.raise_request_exception = False

    def fail(**kwargs):
        raise RuntimeError("after the row was written")

    page = StandardPage.objects.get(slug="aide")
    form = {"language": "fr", "words": "aide", "position": "1", "content_id": str(page.translation_key)}
    post_save.connect(fail, sender=Promotion)
    try:
        assert client.post(reverse("promotions:add"), form).status_code == 500
    finally:
        post_save.disconnect(fail, sender=Promotion)
    assert not Promotion.objects.exists()


def test_a_publication_updates_the_index_outside_a_transaction(client, allier, calls, settings, background):
    settings.SEARCH_UPDATES = "task"
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    url = reverse("wagtailadmin_pages:add", args=["pages", "standardpage", home_of(allier).pk])
    response = client.post(url, form_of_page(title="Vacances", slug="vacances", **{"action-publish": "x"}))
    assert response.status_code == 302
    background.finish()
    assert any(name.endswith(("apply", "perform_request")) for name, _is_in_transaction in calls)
    assert in_transactions(calls) == []
    results = client.get("/api/v1/search/", {"q": "vacances"}).json()["results"]
    assert [result["title"] for result in results] == ["Vacances"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_cluster_that_accepts_and_stays_silent_delays_no_screen(client, settings, search_index):
    """The form says that search does not answer; it never waits for the creation of an index."""
    make_page(StandardPage, make_department("allier", code="03"), title="Aide alimentaire", slug="aide")
    client.force_login(make_user("root", is_superuser=True))
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        settings.SEARCH_ENGINE = "elasticsearch"
        settings.ELASTICSEARCH_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        begun = time.monotonic()
        response = client.get(reverse("promotions:add"), {"words": "aide"})
        assert response.status_code == 200
        assert "La recherche ne répond pas" in response.content.decode()
        assert client.get("/api/v1/search/", {"q": "aide"}).status_code == 503
        assert time.monotonic() - begun < 5
        settings.SEARCH_ENGINE = "embedded"  # for the end of the fixture
