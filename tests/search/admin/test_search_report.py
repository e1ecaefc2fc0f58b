"""The report of searches: access, totals, filters, export and links to forms."""

import csv
import datetime
from io import BytesIO, StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from search.analytics.query_log import LoggedSearch, write_counts
from search.models import SearchedWords
from sites.models import Department
from tests.factories.departments import make_department
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

INDEX = reverse("searches:index")
RESULTS = reverse("searches:index_results")


def count(words, times=1, hits=0, department="allier", language="fr", days_ago=0):
    day = timezone.localdate() - datetime.timedelta(days=days_ago)
    write_counts({LoggedSearch(day.isoformat(), words, language, department): (times, hits)})


@pytest.fixture
def searches():
    make_department("allier", locales=("fr", "en"))
    make_department("isere", locales=("fr",))
    count("aide", times=3, hits=0, days_ago=40)
    count("aide", times=2, hits=5, days_ago=3)
    count("chimpanzé", times=9, hits=4, days_ago=3)
    count("chimpanzé", times=1, hits=0)
    count("food", times=1, hits=0, language="en")
    count("secret", department="isere", times=50)
    count("partout", department="", times=7)
    count("ancien", days_ago=90)


@pytest.fixture
def login(client, searches):
    def login(role=""):
        client.force_login(make_user(role or "root", groups=[f"allier:{role}"], is_superuser=not role))
        return client

    return login


def lines(client, url=INDEX, **query):
    """Return (words, searches, results) of each row of the report."""
    page = BeautifulSoup(client.get(url, query).content, "html.parser")
    cells = [row.select("td") for row in page.select("table.listing tbody tr")]
    return [(row[0].get_text(strip=True), *(row[column].get_text(strip=True) for column in (3, 4))) for row in cells]


def links(client, words):
    """Return the actions of a row by label, as (path, query)."""
    page = BeautifulSoup(client.get(INDEX, {"q": words}).content, "html.parser")
    (row,) = page.select("table.listing tbody tr")
    found = {}
    for link in row.select("a.button"):
        parts = urlsplit(link["href"])
        found[link.find(string=True).strip()] = (parts.path, parse_qs(parts.query))
    return found


@pytest.mark.parametrize("role", ["administrator", "publisher", "editor", "media_manager"])
def test_a_department_sees_its_searches_by_frequency(login, role):
    expected = [("chimpanzé", "10", "Aucun"), ("aide", "5", "5"), ("food", "1", "Aucun")]
    client = login(role)
    assert lines(client) == lines(client, RESULTS) == expected


@pytest.mark.parametrize("role", ["translator:en", "reviewer:en", "reader"])
def test_other_roles_cannot_open_the_report(login, role):
    client = login(role)
    assert client.get(INDEX).status_code == client.get(RESULTS).status_code == 404


def test_searches_of_another_department_are_not_shown(login):
    client = login("publisher")
    theirs = Department.objects.get(slug="isere")
    for query in ({"department": theirs.pk}, {"department": "x"}, {"q": "ecre"}, {"q": "artou"}, {"export": "csv"}):
        answer = client.get(INDEX, query).getvalue().decode()
        assert "secret" not in answer
        assert "partout" not in answer
    assert "Isere" not in client.get(INDEX).content.decode()


def test_a_superuser_sees_all_searches(login):
    assert [words for words, *_rest in lines(login())] == ["secret", "chimpanzé", "partout", "aide", "food"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"period": "1"}, ["chimpanzé", "food"]),
        ({"period": "7"}, ["chimpanzé", "aide", "food"]),
        ({"results": "nothing"}, ["chimpanzé", "food"]),
        ({"results": "nothing", "period": "30", "language": "fr"}, ["chimpanzé"]),
        ({"language": "en"}, ["food"]),
        ({"q": "impanz"}, ["chimpanzé"]),
        ({"ordering": "words"}, ["aide", "chimpanzé", "food"]),
        ({"ordering": "-last", "p": "1"}, ["chimpanzé", "food", "aide"]),
        ({"period": "x", "results": "x", "language": "x"}, ["chimpanzé", "aide", "food"]),
    ],
)
def test_the_report_can_be_filtered_and_sorted(login, query, expected):
    assert [words for words, *_rest in lines(login("publisher"), **query)] == expected


def test_long_reports_are_paginated_with_a_constant_number_of_queries(login, django_assert_max_num_queries):
    for number in range(70):
        count(f"mot {number:02}", hits=1)
    client = login("publisher")
    assert len(lines(client)) == 50
    assert len(lines(client, p="2")) == 23
    with django_assert_max_num_queries(20):
        client.get(INDEX)


def test_exports_contain_no_spreadsheet_formulas(login):
    count("=hyperlink(1)", times=100, hits=2)
    client = login("publisher")
    text = b"".join(client.get(INDEX, {"export": "csv", "language": "fr"}).streaming_content).decode()
    first, *rows = csv.reader(StringIO(text))
    today = timezone.localdate()
    assert first == ["Mots", "Langue", "Département", "Recherches", "Résultats", "Dernière recherche"]
    assert rows[0] == ["'=hyperlink(1)", "fr", "Allier", "100", "2", str(today)]
    assert [row[0] for row in rows[1:]] == ["chimpanzé", "aide"]
    book = load_workbook(BytesIO(b"".join(client.get(INDEX, {"export": "xlsx"}).streaming_content)))
    assert [row[0].value for row in book.active.iter_rows()][1:] == ["'=hyperlink(1)", "chimpanzé", "aide", "food"]


def test_actions_link_to_prefilled_forms(login):
    client = login()
    found = links(client, "chimpanzé")
    path, query = found["Ajouter un synonyme"]
    assert (path, query) == (reverse("search_synonyms:add"), {"language": ["fr"], "names": ["chimpanzé, "]})
    form = client.get(path, query).context["form"]
    assert (form["language"].value(), form["names"].value()) == ("fr", "chimpanzé, ")
    path, query = found["Mettre en avant un résultat"]
    form = client.get(path, query).context["form"]
    department = SearchedWords.objects.filter(words="chimpanzé").first().department_id
    assert [form[name].value() for name in ("words", "language", "department")] == ["chimpanzé", "fr", str(department)]
    path, query = links(client, "partout")["Mettre en avant un résultat"]
    assert client.get(path, query).context["form"]["department"].value() in (None, "")


def test_actions_without_permission_are_not_shown(login):
    assert list(links(login("publisher"), "chimpanzé")) == ["Mettre en avant un résultat"]
    assert list(links(login("editor"), "chimpanzé")) == []


def test_words_are_escaped(login):
    count('"><script>alert(1)</script>', hits=1)
    page = login().get(INDEX, {"q": "script"})
    assert "<script>alert(1)" not in page.content.decode()
    link = next(each for each in BeautifulSoup(page.content, "html.parser").select("td a.button"))
    assert parse_qs(urlsplit(link["href"]).query)["names"] == ['"><script>alert(1)</script>, ']


def test_masked_words_have_no_actions(login):
    client = login()
    count("rappel ***")
    count("rente")
    assert links(client, "rappel") == {}
    assert links(client, "rente") != {}
