"""The query log: counts of words, without personal data."""

import datetime
import threading
import time

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from cms.pages.models import StandardPage
from search.analytics import query_log
from search.analytics.query_log import LoggedSearch, SearchCounter, anonymize
from search.models import SearchedWords
from search.query.search_query import SearchQuery, parse_words
from search.results import complete, run_search
from tests.factories.departments import make_department
from tests.factories.pages import make_page

TODAY = datetime.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def clock(time_machine):
    """Start at noon of `TODAY`, so that no midnight passes during a test."""
    time_machine.move_to(datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC))


@pytest.fixture
def counter(settings, monkeypatch):
    """Return the counter of this process without its thread; `counter.flush()` writes the counts."""
    settings.SEARCH_LOG_SECONDS = 10
    counter = SearchCounter()
    monkeypatch.setattr(query_log, "search_counter", counter)
    monkeypatch.setattr(counter, "start", lambda: None)
    return counter


@pytest.fixture
def library(commits, search_index):
    with commits():
        allier = make_department("allier", locales=("fr",))
        make_page(StandardPage, allier, title="Aide alimentaire")
    search_index()
    return allier


def rows():
    order = ("words", "department", "day")
    values = ("words", "language", "department__slug", "times", "hits", "day")
    return list(SearchedWords.objects.order_by(*order).values_list(*values))


def searched(words, times=1, hits=0, department="", day=TODAY):
    return {LoggedSearch(day.isoformat(), words, "fr", department): (times, hits)}


@pytest.mark.django_db
def test_searches_of_the_api_and_of_the_reader_are_counted_by_day(client, library, counter, commits, search_index):
    client.get("/api/v1/search/", {"q": "Aide  ALIMENTAIRE", "locale": "fr"})
    client.get("/api/v1/search/", {"q": "aide alimentaire", "locale": "fr", "page_size": "1"})
    client.get("/api/v1/search/", {"q": "chimpanzé", "department": "allier"})
    client.get("/search/", {"q": "aide alimentaire", "language": "fr"}, headers={"host": library.site.hostname})
    assert rows() == [], "nothing is written before the answer"
    assert counter.flush() == 3
    assert set(rows()) == {
        ("aide alimentaire", "fr", "allier", 1, 1, TODAY),
        ("aide alimentaire", "fr", None, 2, 1, TODAY),
        ("chimpanzé", "", "allier", 1, 0, TODAY),
    }
    with commits():
        StandardPage.objects.get(title="Aide alimentaire").unpublish()
    search_index()
    client.get("/api/v1/search/", {"q": "aide alimentaire", "locale": "fr"})
    counter.flush()
    assert ("aide alimentaire", "fr", None, 3, 0, TODAY) in rows(), "the same row, with the results of the last time"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "narrowed",
    [
        {"type": "event"}, {"tag": "repas"}, {"concept": "K1201"}, {"from": "2026-01-01"}, {"to": "2026-01-01"},
        {"department": "allier", "country": "FI"}, {"department": "allier,isere"},
    ],
)  # fmt: skip
def test_filtered_searches_are_not_counted(client, library, commits, counter, narrowed):
    with commits():
        make_department("isere", locales=("fr",))
    parameters = {"q": "aide alimentaire", "locale": "fr"}
    client.get("/api/v1/search/", parameters)
    assert client.get("/api/v1/search/", parameters | narrowed).status_code == 200
    counter.flush()
    assert rows() == [("aide alimentaire", "fr", None, 1, 1, TODAY)]


@pytest.mark.django_db
def test_a_search_page_with_a_facet_is_counted_only_if_the_facet_is_empty(client, library, counter):
    host = {"host": library.site.hostname}
    for query in ("", "&type=event", "&locale=en", "&tag="):
        client.get(f"/search/?q=aide+alimentaire&language=fr{query}", headers=host)
    counter.flush()
    assert rows() == [("aide alimentaire", "fr", "allier", 2, 1, TODAY)]


@pytest.mark.django_db
def test_later_pages_completions_and_searches_without_words_are_not_counted(client, library, counter):
    client.get("/api/v1/search/", {"q": "aide", "page": "2", "page_size": "1"})
    client.get("/api/v1/search/", {"type": "standard"})
    client.get("/api/v1/search/suggest/", {"q": "aid", "locale": "fr"})
    complete("aide", "fr", 5)
    run_search(SearchQuery(words=parse_words("-aide")))
    assert counter.take() == {}


@pytest.mark.parametrize(
    ("q", "kept"),
    [
        ("Écrire à Jeanne.Martin@example.org merci", "écrire à *** merci"),
        ("jeanne＠example.org", "***"),
        ("06 12 34 56 78", "***"), ("+33 6.12.34.56.78 rappel", "*** rappel"), ("0612345678", "***"),
        ("(04) 76-00-38-38", "(***"), ("+358 40 123 4567", "***"), ("né le 12/03/1980", "né le ***"),
        ("1 84 12 76 451 089 46", "***"), ("dossier123456", "dossier***"), ("٠٦١٢٣٤٥٦٧٨", "***"),
        ("rome K1201", "rome k1201"), ("2635", "2635"), ("loi 2002-2", "loi 2002-2"),
        ("erasmus 2021-2027", "erasmus 2021-2027"),
        ("départements 38 03 63", "départements ***"), ("rncp 35513", "rncp 35513"),
        ('"Livre  Blanc" social -Emploi', 'social "livre blanc" -emploi'),
        ("a" * 400, "a" * 100), ("prime\0 de\x1fnuit", "prime de nuit"), ("\0", ""),
    ],
)  # fmt: skip
def test_personal_data_is_masked(q, kept):
    assert anonymize(parse_words(q)) == kept


def test_a_row_has_only_words_language_department_hits_and_day():
    assert {field.name for field in SearchedWords._meta.get_fields()} == {
        "id", "search_key", "day", "words", "language", "department", "times", "hits",
    }  # fmt: skip


@pytest.mark.django_db
def test_two_processes_add_to_one_row(library):
    for hits in (3, 5):
        query_log.write_counts(searched("aide", times=2, hits=hits, department="allier"))
    assert rows() == [("aide", "fr", "allier", 4, 5, TODAY)]


@pytest.mark.django_db
def test_counts_of_a_deleted_department_are_dropped(library):
    query_log.write_counts(searched("aide", department="gone") | searched("repas"))
    assert [row[0] for row in rows()] == ["repas"]


@pytest.mark.django_db
def test_searches_are_written_in_one_transaction(django_assert_max_num_queries):
    counts = {}
    for number in range(50):
        counts |= searched(f"mot {number}")
    with django_assert_max_num_queries(53):
        query_log.write_counts(counts)
    assert SearchedWords.objects.count() == 50


def test_counts_that_cannot_be_written_are_kept_up_to_a_limit(monkeypatch, caplog):
    def fail(counts):
        raise DatabaseError("no such table")

    monkeypatch.setattr(query_log, "write_counts", fail)
    counter = SearchCounter()
    for number in range(query_log.MAX_COUNTED + 10):
        counter.add(LoggedSearch("2026-01-01", str(number), "fr", ""), 1)
    counter.add(LoggedSearch("2026-01-01", "0", "fr", ""), 7)
    assert counter.flush() == 0
    assert "trying again later" in caplog.text
    kept = counter.take()
    assert len(kept) == query_log.MAX_COUNTED
    assert kept[LoggedSearch("2026-01-01", "0", "fr", "")] == (2, 7)


@pytest.mark.django_db
def test_a_search_succeeds_when_the_log_cannot_be_written(client, library, counter, monkeypatch):
    monkeypatch.setattr(query_log, "write_counts", lambda counts: 1 / 0)
    assert client.get("/api/v1/search/", {"q": "aide"}).json()["count"] == 1
    assert counter.flush() == 0
    assert client.get("/api/v1/search/", {"q": "aide"}).json()["count"] == 1


@pytest.mark.django_db(transaction=True)
def test_the_thread_writes_counts_while_searches_do_not_wait_for_a_lock(settings):
    settings.SEARCH_LOG_SECONDS = 0.05
    counter = SearchCounter()
    with transaction.atomic():
        make_department("allier")  # Holds the write lock of SQLite.
        counter.start()
        before = time.monotonic()
        counter.add(*searched("aide").popitem()[:1], 1)
        assert time.monotonic() - before < 0.05
    deadline = time.monotonic() + 20
    while not rows() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert rows() == [("aide", "fr", None, 1, 1, TODAY)]
    counter.add(*searched("repas").popitem()[:1], 1)
    counter.stop()
    assert [row[0] for row in rows()] == ["aide", "repas"], "the end of a process writes what is left"
    assert not [each for each in threading.enumerate() if each.name == "search log"]


# --- Expiry --------------------------------------------------------------------------------------------------


def days_ago(number):
    return TODAY - datetime.timedelta(days=number)


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["search_forget", "publish_scheduled"])
def test_commands_delete_rows_after_ninety_days(command):
    for number in (0, 89, 90, 400):
        query_log.write_counts(searched(f"jour {number}", day=days_ago(number)))
    call_command(command, "--accept-clock")  # PostgreSQL has a clock of its own.
    assert [row[0] for row in rows()] == ["jour 0", "jour 89"]


@pytest.mark.django_db
def test_deleting_no_rows_writes_nothing(django_assert_num_queries):
    query_log.write_counts(searched("aide"))
    with django_assert_num_queries(1):
        assert query_log.delete_expired_searches() == 0
    assert not connection.needs_rollback
