"""No text makes the normalisation of Unicode slow, and all code uses the function that limits it."""

import sys
import time
import unicodedata
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from sites import unicode_forms
from sites.rate_limits import limiter
from sites.unicode_forms import MAX_MARKS, normalise

FORMS = ("NFC", "NFD", "NFKC", "NFKD")
# Marks of two classes in turn, each of which has to pass those before it; the last ones become marks by NFKC.
SLOW = ("\u0315\u0300", "\u0345\u0334", "\uff9e\u0334", "\u0f73\u0334")
ROOT = Path(unicode_forms.__file__).parents[1]


@pytest.mark.parametrize("form", FORMS)
def test_texts_keep_up_to_thirty_marks_in_a_row(form):
    for text in ("", "été ŒUVRE ﬁ", "e\u0301te\u0301", "a" + "\u0315\u0300" * (MAX_MARKS // 2) + "b\u0301", "각 ｶﾞ ਖ਼"):
        assert normalise(form, text) == unicodedata.normalize(form, text)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("marks", SLOW, ids=ascii)
def test_no_marks_make_it_slow(form, marks):
    start = time.process_time()
    result = normalise(form, "a" + marks * 100_000 + "\u00e9")
    assert time.process_time() - start < 5
    assert unicodedata.normalize("NFC", result).endswith("\u00e9")
    assert len(result) < 3 * MAX_MARKS


def test_no_character_beyond_the_end_is_a_mark():
    for code in range(unicode_forms.END_OF_MARKS, sys.maxunicode + 1):
        assert not unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])


def test_no_other_code_normalises():
    modules = [path for package in ("cms", "search", "sites") for path in (ROOT / package).rglob("*.py")]
    assert len(modules) > 500
    assert [path.name for path in modules if "unicodedata.normalize" in path.read_text("utf-8")] == ["unicode_forms.py"]


def post(client, name, values):
    """Post a form as browsers do; a visitor may not send as much as multipart."""
    return client.post(reverse(name), urlencode(values), "application/x-www-form-urlencoded")


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize(
    ("name", "field"), [("wagtailadmin_login", "username"), ("wagtailadmin_password_reset", "email")]
)
def test_a_name_of_marks_makes_no_form_slow(client, name, field):
    """Python normalises this name of 600 kB in a minute, and keeps all other threads from running."""
    start = time.process_time()
    response = post(client, name, {field: "a" + SLOW[0] * 150_000, "password": "x"})
    assert response.status_code == 200
    assert time.process_time() - start < 5


@pytest.mark.django_db
@pytest.mark.embedded
def test_no_name_of_megabytes_is_normalised(client, monkeypatch):
    """Each of these characters becomes 18 others."""
    lengths = []
    monkeypatch.setattr(limiter, "normalise", lambda form, text: lengths.append(len(text)) or normalise(form, text))
    for length in (250_000, 100):
        assert post(client, "wagtailadmin_login", {"username": "\ufdfa" * length, "password": "x"}).status_code == 200
    assert 100 <= max(lengths) <= limiter.MAX_NAME_LENGTH
    assert limiter.comparable(" " * 5000 + "Chef" + " " * 5000) == "chef"  # Forms remove the spaces too.


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize("path", ["/search/?q={}", "/api/v1/search/?q={}", "/api/v1/search/suggest/?q={}"])
def test_a_query_of_marks_makes_no_search_slow(client, path):
    start = time.process_time()
    assert client.get(path.format("a" + SLOW[0] * 30_000)).status_code < 500
    assert time.process_time() - start < 5
