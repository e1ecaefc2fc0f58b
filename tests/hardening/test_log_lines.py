"""An entry of the log says who did what and when, on one line, whatever the request contains."""

import json
import logging
import re
import sys

import pytest
from django.urls import reverse

from cms.hardening.log_lines import JsonFormatter, LineFormatter
from sites.lifecycle.provisioning import create_department
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

FORMATTERS = {"text": LineFormatter(), "json": JsonFormatter()}
FORGED = "x\n2026-01-01T00:00:00.000Z INFO django.request: forged\r\x1b[2J\u2028end"


def entry(message, *arguments):
    record = logging.LogRecord("product", logging.WARNING, "x", 1, message, arguments, None)
    record.created = 1_780_000_000.5
    return record


def failed(message):
    record = entry("failed")
    try:
        raise ValueError(message)
    except ValueError:
        record.exc_info = sys.exc_info()
    return record


@pytest.mark.parametrize("name", FORMATTERS)
def test_no_text_of_a_request_begins_an_entry(name):
    line = FORMATTERS[name].format(entry("search for %s", FORGED))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    entries = FORMATTERS[name].format(failed(FORGED)).splitlines()
    assert not [line for line in entries[1:] if not line.startswith(" ")]
    assert len(entries) > 1 or name == "json"


def test_times_are_in_utc():
    assert FORMATTERS["text"].format(entry("text")).startswith("2026-05-28T20:26:40.500Z WARNING product: text")
    assert json.loads(FORMATTERS["json"].format(entry("text")))["time"] == "2026-05-28T20:26:40.500Z"


def test_a_refused_request_is_logged_with_its_client_and_account(client, caplog):
    own, other = (
        create_department(code=code, name=slug, slug=slug, hostname=f"{slug}.example.test", locales=["fr"], source="fr")
        for code, slug in (("03", "allier"), ("38", "isere"))
    )
    member, page = make_user("camille", groups=[f"{own.slug}:editor"]), other.site.root_page
    client.force_login(member)
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    assert client.get(url, headers={"host": "testserver"}).status_code == 404
    [record] = [record for record in caplog.records if record.name == "django.request"]
    facts = json.loads(FORMATTERS["json"].format(record))
    assert (facts["account"], facts["client"], facts["method"]) == (member.pk, "127.0.0.1", "GET")
    assert url in facts["message"]
    assert re.search(
        rf" client=127.0.0.1 account={member.pk} method=GET host=\S+ Not", FORMATTERS["text"].format(record)
    )


def test_an_entry_makes_no_query(rf, django_assert_num_queries):
    record = entry("text")
    record.request = rf.get("/")
    with django_assert_num_queries(0):
        assert "account=-" in FORMATTERS["text"].format(record)


def test_an_error_shows_no_detail_to_the_client(client, monkeypatch, caplog):
    """The page and the API say that something failed; the log has the traceback."""
    from wagtail.admin.views.account import LoginView

    from cms.api.document_views import DocumentListView

    def fail(*arguments, **options):
        raise RuntimeError("secret detail of the server")

    client.raise_request_exception = False
    for view, url in ((LoginView, reverse("wagtailadmin_login")), (DocumentListView, reverse("api:contents"))):
        monkeypatch.setattr(view, "get", fail)
        response = client.get(url)
        assert response.status_code == 500
        body = response.content.decode()
        assert "secret detail" not in body
        assert "Traceback" not in body
        assert "RuntimeError" not in body
    texts = [FORMATTERS["text"].format(record) for record in caplog.records]
    assert sum("secret detail of the server" in text for text in texts) == 2
