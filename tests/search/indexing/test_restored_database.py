"""The database is restored, and the index has seen changes that the database no longer has (docs/operations.md)."""

import os
import shutil
import subprocess
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cms.delivery.change_feed import newest_position
from cms.delivery.models import FeedCounter, Placement, PublishedDocument
from cms.pages.models import StandardPage
from search.engines import get_live_engine, get_or_create_live_engine
from search.indexing import index_updates, tasks
from search.indexing.feed_position import IndexOutOfStep
from search.indexing.index_updates import apply_feed
from search.indexing.rebuild import index_status
from search.models import IndexCursor, SearchedWords
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from search.search_documents import document_key
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.search.engines.stored_sequences import stored_sequences

pytestmark = pytest.mark.django_db(transaction=True)

# Tables of the feed and of its consumers, which a restore puts back together.
FEED_TABLES = (FeedCounter, PublishedDocument, Placement, IndexCursor)


def titles(q):
    return sorted(card["title"] for _hit, card in run_search(SearchQuery(words=parse_words(q))).cards)


def make(department, title):
    return make_page(StandardPage, home_of(department), title=title, slug=title.lower())


def rename(title, new_title):
    page = StandardPage.objects.get(title=title)
    page.title = new_title
    page.save_revision().publish()


def assert_index_equals_database():
    """Compare every document of the index with the database, and search for every title."""
    engine = get_live_engine()
    assert index_status(engine).is_complete
    rows = {document_key(str(row.content_id), row.locale): row.sequence for row in PublishedDocument.objects.public()}
    assert stored_sequences(engine, list(rows)) == rows
    for title in PublishedDocument.objects.public().filter(type="standard").values_list("title", flat=True):
        assert titles(title) == [title]


@pytest.fixture
def allier(search_index, settings):
    department = make_department("allier")
    for title in ("Chimpanzé", "Macaque", "Ouistiti"):
        make(department, title)
    return department


def store_rows():
    return {model: list(model.objects.values()) for model in FEED_TABLES}


def restore_rows(rows):
    for model in reversed(FEED_TABLES):
        model.objects.all().delete()
    for model, values in rows.items():
        model.objects.bulk_create(model(**row) for row in values)


@pytest.mark.parametrize("published_since", [0, 6], ids=["behind the index", "ahead of the index"])
def test_an_index_that_outlives_a_restore_is_rebuilt(
    each_engine, allier, search_index, background, caplog, published_since
):
    before = search_index()
    epoch = newest_position().epoch
    backup = store_rows()
    PublishedDocument.objects.filter(title="Macaque").update(title="Gibbon", body="{}")
    make(allier, "Gorille")
    rename("Ouistiti", "Tamarin")
    assert search_index().name == before.name
    seen = newest_position().last

    StandardPage.objects.get(title="Gorille").delete()
    restore_rows(backup)
    for number in range(published_since):
        make(allier, f"Lori{number}")
    assert (newest_position().last > seen) is bool(published_since)

    assert tasks.update_index.call() == 0
    background.finish()

    assert get_live_engine().name != before.name
    assert newest_position().epoch != epoch, "other consumers start again too"
    assert "must be rebuilt" in caplog.text
    assert titles("gorille") == titles("tamarin") == []
    assert_index_equals_database()
    assert tasks.rebuild_index.call() is False, "nothing more to do"


def test_a_rebuild_may_be_the_first_to_notice_a_restore(each_engine, allier, search_index):
    search_index()
    backup = store_rows()
    rename("Ouistiti", "Tamarin")
    search_index()
    StandardPage.objects.filter(title="Tamarin").update(title="Ouistiti")
    restore_rows(backup)
    epoch = newest_position().epoch
    call_command("search_rebuild", stdout=StringIO(), stderr=StringIO())
    assert newest_position().epoch != epoch
    assert_index_equals_database()


@pytest.mark.parametrize("crash", ["before the mark", "after the mark"])
def test_a_crash_between_index_and_cursor_is_no_restore(each_engine, allier, search_index, monkeypatch, crash):
    before = search_index()
    make(allier, "Gorille")
    function = {"before the mark": "index_changes", "after the mark": "advance"}[crash]
    with monkeypatch.context() as patch:
        patch.setattr(index_updates, function, lambda *args: 1 / 0)
        for _attempt in range(2):
            with pytest.raises(ZeroDivisionError):
                apply_feed(before)
    assert search_index().name == before.name
    assert_index_equals_database()


def test_a_new_epoch_makes_the_index_start_again(allier, search_index):
    before = search_index()
    call_command("new_feed_epoch", stdout=StringIO())
    with pytest.raises(IndexOutOfStep, match="new epoch"):
        apply_feed(before)
    with pytest.raises(CommandError, match="must be rebuilt"):
        call_command("search_status", stdout=StringIO())
    with pytest.raises(CommandError, match="was rebuilt"):
        call_command("search_update", stdout=StringIO())
    call_command("search_update", stdout=StringIO())
    assert_index_equals_database()


@pytest.mark.elasticsearch
def test_a_refused_version_is_an_error(allier, settings, search_index, caplog):
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    engine = search_index()
    row = PublishedDocument.objects.get(title="Macaque")
    last = newest_position().last
    # The index has a version that the feed has never had, without any other trace of a restore.
    engine._client.delete(
        index=f"{engine._alias}-fr", id=f"{row.content_id}:fr", version=last + 99, version_type="external"
    )
    rename("Macaque", "Gibbon")
    with pytest.raises(IndexOutOfStep, match="refused 1 version"):
        apply_feed(engine)
    assert "refused 1 version" in caplog.text
    assert IndexCursor.objects.get(index=engine.name).refused_versions == 1
    with pytest.raises(CommandError, match="1 versions were refused"):
        call_command("search_status", stdout=StringIO())
    assert tasks.rebuild_index.call()
    assert_index_equals_database()


def test_a_forced_rebuild_is_logged(allier, search_index, caplog):
    search_index()
    PublishedDocument.objects.filter(title="Macaque").update(sequence=-1)
    with pytest.raises(CommandError, match="is worse"):
        call_command("search_rebuild", verbosity=0, stdout=StringIO())
    call_command("search_rebuild", force=True, verbosity=0, stdout=StringIO())
    assert "becomes live although it is worse" in caplog.text


# --- Drill ------------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    """Return a function that runs a program of PostgreSQL on the test database."""
    parameters = connection.get_connection_params()
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    environment = os.environ | {name: str(parameters[key]) for name, key in names.items() if parameters.get(key)}

    def run(program, *arguments):
        assert shutil.which(program), f"{program} of PostgreSQL is needed"
        subprocess.run([program, *arguments], env=environment, check=True, timeout=120)

    return run


@pytest.mark.postgresql
@pytest.mark.elasticsearch
def test_drill_dump_destroy_restore(settings, allier, search_index, server, tmp_path, caplog):
    """Dump the database, go on, destroy and restore it beside the surviving index, and go on."""
    settings.SEARCH_ENGINE = "elasticsearch"
    settings.WAGTAIL_CONTENT_LANGUAGES = [("fr", "French"), ("en", "English")]
    before = search_index()
    dump, name = tmp_path / "dump", connection.settings_dict["NAME"]
    server("pg_dump", "--format=custom", f"--file={dump}")
    rename("Chimpanzé", "Bonobo")
    StandardPage.objects.get(title="Macaque").unpublish()
    make(allier, "Gorille")
    SearchedWords.objects.create(search_key="g", day="2026-01-01", words="gorille", language="fr", times=9, hits=1)
    call_command("search_update", stdout=StringIO())
    assert titles("bonobo") == ["Bonobo"]

    connection.close()
    with psycopg.connect(_maintenance(), autocommit=True) as maintenance:
        maintenance.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        maintenance.execute(f'CREATE DATABASE "{name}"')
    server("pg_restore", f"--dbname={name}", "--exit-on-error", str(dump))
    rename("Ouistiti", "Tamarin")

    assert not index_status(get_live_engine()).is_complete
    assert titles("gorille") == [], "the database decides what is shown"
    with pytest.raises(CommandError, match="was rebuilt"):
        call_command("search_update", stdout=StringIO())
    assert get_or_create_live_engine().name != before.name
    assert "new epoch" in caplog.text
    assert (titles("chimpanzé"), titles("bonobo")) == (["Chimpanzé"], [])
    assert (titles("macaque"), titles("tamarin"), titles("ouistiti")) == (["Macaque"], ["Tamarin"], [])
    assert_index_equals_database()


def _maintenance():
    parameters = connection.get_connection_params()
    kept = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    return psycopg.conninfo.make_conninfo("", dbname="postgres", **kept)
