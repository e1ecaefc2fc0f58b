"""The database is away: every URL answers 503 in the visitor's language, and the log stays short."""

import sqlite3

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from cms import database_time_limits
from cms.database_time_limits import is_database_unusable
from tests.factories.departments import make_department
from tests.outages import database_away, database_file

HTML, JSON = {"accept": "text/html"}, {"accept": "application/json"}
# URL, headers, and the language of the page; "" for a problem document.
REQUESTS = [
    ("/", HTML | {"host": "allier.example.test", "accept-language": "it"}, "it"),
    ("/fi/", HTML | {"host": "allier.example.test", "accept-language": "it"}, "fi"),
    ("/allier/en/", HTML | {"accept-language": "it"}, "en"),
    ("/search/?q=aide", HTML | {"host": "allier.example.test", "accept-language": "nl"}, "nl"),
    ("/theme/allier.css", HTML, "fr"),
    ("/media/images/a.jpg", HTML | {"accept-language": "es"}, "es"),
    ("/documents/1/a.pdf", HTML | {"accept-language": "de"}, "de"),
    ("/admin/", HTML | {"accept-language": "fi"}, "fi"),
    ("/admin/pages/", HTML, "fr"),
    ("/api/v1/departments/", JSON, ""),
    ("/api/v1/search/?q=aide", {}, ""),
    ("/api/v1/events/", {"accept": "text/html,*/*"}, ""),
    ("/api/v2/pages/", {"accept": "text/html,*/*"}, ""),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("debug", [False, True], ids=["production", "development"])
def test_all_urls_say_that_the_database_is_away(caplog, monkeypatch, settings, debug):
    settings.DEBUG = debug
    check_answers(database_away(), caplog, monkeypatch)


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content", [b"", b"This is no database." * 999], ids=["without tables", "damaged"])
def test_all_urls_say_that_the_database_cannot_be_used(caplog, monkeypatch, tmp_path, content):
    """As during a restore, before a migration, or on a damaged disk."""
    path = tmp_path / "db.sqlite3"
    path.write_bytes(content)
    check_answers(database_file(path), caplog, monkeypatch)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("database disk image is malformed", True),
        ("attempt to write a readonly database", True),
        ("database or disk is full", True),
        ("no such table: a", True),
        ("no such column: a", False),
        ('near "SELCT": syntax error', False),
    ],
)
def test_errors_of_a_query_are_no_outage(message, expected):
    error = DatabaseError(message)
    error.__cause__ = sqlite3.DatabaseError(message)
    assert is_database_unusable(error) == expected


def check_answers(outage, caplog, monkeypatch):
    monkeypatch.setattr(database_time_limits, "outage_log", database_time_limits.OutageLog())
    monkeypatch.setattr("cms.api.errors.outage_log", database_time_limits.outage_log)
    make_department("allier")
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    with outage:
        answers = [(path, language, client.get(path, headers=headers)) for path, headers, language in REQUESTS]
    assert {path: answer.status_code for path, _language, answer in answers if answer.status_code != 503} == {}
    for path, language, answer in answers:
        assert int(answer["Retry-After"]) > 0, path
        assert "no-store" in answer["Cache-Control"], path
        if language:
            assert f'<html lang="{language}"' in answer.content.decode(), path
            with translation.override(language):
                assert gettext("This page is not available at the moment") in answer.content.decode(), path
        else:
            assert answer.json()["type"] == "/problems/database-busy", path
            assert answer.json()["title"] == "The database does not answer", path
    errors = [record for record in caplog.records if record.levelname in ("ERROR", "WARNING", "CRITICAL")]
    assert [record.name for record in errors] == ["cms.database_time_limits"], "one line for all requests"
    assert errors[0].exc_info is None
    assert client.get("/api/v1/departments/").status_code == 200
