"""The index follows the feed: only public documents are found."""

import datetime
from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import PageViewRestriction

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, ProfessionPage, StandardPage, TestimonialPage
from search.engines import index_store
from search.engines.contract import EngineUnavailable
from search.indexing import index_updates
from search.indexing import rebuild as rebuild_module
from search.indexing.rebuild import RebuildRefused, index_status, rebuild
from search.models import IndexCursor, SearchedWords
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from search.search_documents import build_search_document
from tests.factories.departments import make_department
from tests.factories.documents import DepartmentFactory, DocumentFactory
from tests.factories.media import ConsentFactory
from tests.factories.pages import home_of, make_page

pytestmark = pytest.mark.django_db


def titles(q):
    return [card["title"] for _hit, card in run_search(SearchQuery(words=parse_words(q))).cards]


@pytest.fixture
def allier(commits):
    with commits():
        return make_department("allier")


def test_published_documents_are_found_and_withdrawn_ones_are_not(allier, commits, search_index):
    for _round in range(3):
        with commits():
            page = make_page(StandardPage, allier, title="Chimpanzé")
        search_index()
        assert titles("chimpanzé") == ["Chimpanzé"]
        with commits():
            page.unpublish()
        search_index()
        assert titles("chimpanzé") == []
        with commits():
            page.save_revision().publish()
        search_index()
        assert titles("chimpanzé") == ["Chimpanzé"]
        with commits():
            page.delete()
        search_index()
        assert titles("chimpanzé") == []


def test_drafts_and_private_pages_are_never_found(allier, commits, search_index):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé", publish=False)
        private = make_page(StandardPage, allier, title="Orang-outan")
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
    search_index()
    assert titles("chimpanzé") == titles("orang-outan") == []


def test_a_testimonial_leaves_the_index_when_its_consent_is_withdrawn(allier, commits, search_index):
    with commits():
        consent = ConsentFactory(collection=allier.collection)
        make_page(TestimonialPage, allier, title="Chimpanzé", consent=consent)
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]
    with commits():
        consent.withdrawn_on = timezone.localdate()
        consent.save()
    assert titles("chimpanzé") == [], "the database has the last word, even before the index follows"
    search_index()
    assert run_search(SearchQuery(words=parse_words("chimpanzé"))).answer.count == 0


def test_a_profession_is_found_by_its_names_in_other_languages(allier, commits, search_index):
    with commits():
        page = make_page(ProfessionPage, allier, title="Assistant de service social", rome_code="K1201")
        english = page.copy_for_translation(allier.locales.get(language_code="en"), copy_parents=True)
        english.title, english.slug = "Social worker", "social-worker"
        english.save_revision().publish()
    engine = search_index()
    found = {hit.locale for hit in engine.search(SearchQuery(words=parse_words("social worker"))).hits}
    assert found == {"fr", "en"}
    assert len(engine.search(SearchQuery(concept="K1201")).hits) == 2
    with commits():
        english.title = "Caseworker"
        english.save_revision().publish()
    search_index()
    hits = engine.search(SearchQuery(words=parse_words("caseworker"), filters={"locale": ("fr",)})).hits
    assert len(hits) == 1, "the other languages follow a new name"


def test_a_page_that_shows_a_profession_has_its_facet_value(allier, commits, search_index):
    with commits():
        profession = make_page(ProfessionPage, allier, title="Assistant de service social")
        make_page(EventPage, allier, title="Portes ouvertes", professions=[("page", profession)])
    engine = search_index()
    key = str(profession.translation_key)
    hits = engine.search(SearchQuery(filters={"profession": (key,), "type": ("event",)})).hits
    assert len(hits) == 1


def test_a_page_that_shows_a_profession_follows_its_code_and_its_names(allier, commits, search_index):
    with commits():
        profession = make_page(ProfessionPage, allier, title="Assistant de service social", rome_code="K1201")
        make_page(EventPage, allier, title="Portes ouvertes", professions=[("page", profession)])
    engine = search_index()
    sequence = PublishedDocument.objects.get(type="event").sequence
    with commits():
        profession.rome_code = "K1309"
        profession.save_revision().publish()
    search_index()
    assert PublishedDocument.objects.get(type="event").sequence == sequence, "its document does not show the code"
    events = {"type": ("event",)}
    assert len(engine.search(SearchQuery(concept="K1309", filters=events)).hits) == 1
    assert len(engine.search(SearchQuery(concept="K1201", filters=events)).hits) == 0


def test_a_crash_after_the_commit_of_the_index_has_no_effect(allier, commits, search_index):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    engine = search_index()
    before = engine.counts()
    IndexCursor.objects.update(sequence=0)
    search_index()
    assert engine.counts() == before
    assert index_status(engine).is_complete


def test_the_status_reports_a_difference(allier, commits, search_index, capsys):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    engine = search_index()
    call_command("search_status")
    assert "lag 0" in capsys.readouterr().out
    engine.clear()
    with pytest.raises(CommandError, match="allier standard fr: 0 in the index, 1 published"):
        call_command("search_status")


def test_a_rebuilt_index_replaces_the_old_one(allier, commits, search_index):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    old = search_index()
    old.clear()
    new = rebuild()
    assert index_store().live_name() == new.name != old.name
    assert titles("chimpanzé") == ["Chimpanzé"]
    assert index_status(new).is_complete


def test_a_rebuilt_index_that_is_worse_is_refused(allier, commits, search_index):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    old = search_index()
    # A document that the feed does not contain, as after an error in indexing.
    PublishedDocument.objects.filter(title="Chimpanzé").update(sequence=-1)
    with pytest.raises(RebuildRefused, match="allier standard fr: 0 in the new index, 1 published"):
        rebuild()
    assert index_store().live_name() == old.name
    assert index_store().names() == [old.name]
    assert not IndexCursor.objects.exclude(index=old.name).exists()


def test_a_rebuilt_index_that_fails_a_logged_search_is_refused(allier, commits, search_index, monkeypatch):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé", summary="Un orang-outan aussi.")
    old = search_index()
    for words, hits in (("orang-outan", 1), ("gorille", 0)):
        SearchedWords.objects.create(
            search_key=words, day=timezone.localdate(), words=words, language="fr", times=3, hits=hits
        )

    def without_text(*args, **kwargs):
        return replace(build_search_document(*args, **kwargs), text="")

    monkeypatch.setattr(index_updates, "build_search_document", without_text)
    with pytest.raises(RebuildRefused) as refusal:
        rebuild()
    assert str(refusal.value) == "“orang-outan” (fr), which people search, no longer finds anything"
    assert index_store().live_name() == old.name


def test_a_rebuilt_index_that_fails_a_search_for_a_title_is_refused(allier, commits, search_index, monkeypatch):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    search_index()

    def without_titles(*args, **kwargs):
        return replace(build_search_document(*args, **kwargs), title="Sans titre", names=(), text="")

    monkeypatch.setattr(index_updates, "build_search_document", without_titles)
    with pytest.raises(RebuildRefused, match=r"“Chimpanzé” \(fr\) no longer finds its document"):
        rebuild()


def test_two_indexes_are_compared_with_few_rows_and_searches(allier, commits, search_index, monkeypatch):
    with commits():
        for number in range(20):
            make_page(StandardPage, home_of(allier), title=f"Chimpanzé {number}", slug=f"c-{number}")
        make_page(EventPage, home_of(allier), title="Ouistiti", slug="ouistiti")
    old = search_index()
    kinds = {(kind, locale): 0 for _department, kind, locale in old.counts()}
    each = 3
    monkeypatch.setattr(rebuild_module, "MAX_PROBES", each * len(kinds))
    searched, search = [], type(old).search

    def counted(engine, query, **options):
        searched.append(engine.name)
        return search(engine, query, **options)

    monkeypatch.setattr(type(old), "search", counted)
    with CaptureQueriesContext(connection) as queries:
        new = rebuild()
    # Queries that succeed in the new index do not run in the old one.
    assert set(searched) == {new.name}
    assert each < len(searched) <= each * len(kinds)
    reads = [query["sql"] for query in queries if 'content_id", "delivery_publisheddocument"."title"' in query["sql"]]
    assert len(reads) == len(kinds)
    assert all(sql.endswith(f"LIMIT {each}") for sql in reads)


def test_an_expired_content_is_not_found_before_the_scheduled_command_runs(allier, commits, search_index):
    with commits():
        page = make_page(
            StandardPage, allier, title="Chimpanzé", expire_at=timezone.now() + datetime.timedelta(hours=1)
        )
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]
    PublishedDocument.objects.filter(page_id=page.pk).update(expires_at=timezone.now())
    assert titles("chimpanzé") == []


def test_a_search_needs_two_queries(allier, commits, search_index, django_assert_num_queries):
    with commits():
        for number in range(12):
            make_page(StandardPage, home_of(allier), title=f"Chimpanzé {number}", slug=f"c-{number}")
    search_index()
    for limit in (1, 12):
        with django_assert_num_queries(2):
            assert len(run_search(SearchQuery(words=parse_words("chimpanzé"), limit=limit)).cards) == limit


def test_a_new_engine_or_a_lost_index_is_filled_completely(allier, commits, search_index, settings, tmp_path):
    with commits():
        make_page(StandardPage, allier, title="Chimpanzé")
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]
    settings.SEARCH_FOLDER = tmp_path / "elsewhere"
    with pytest.raises(EngineUnavailable, match="no index"):
        titles("chimpanzé")
    search_index()
    assert titles("chimpanzé") == ["Chimpanzé"]


def test_a_batch_loads_some_documents_at_a_time(search_index, monkeypatch):
    """A department may change thousands of documents of a megabyte, and parsed they take ten times as much memory."""
    monkeypatch.setattr(index_updates, "CHUNK_CHARACTERS", 10_000, raising=False)
    department = DepartmentFactory(slug="allier")
    documents = [DocumentFactory(department=department, title=f"Page {'x' * 10}{number}") for number in range(12)]
    length = max(len(document.body) for document in documents)
    loaded = []

    def watch(execute, sql, parameters, many, context):
        if '."body"' in sql.partition(" FROM ")[0] and "LENGTH" not in sql:
            loaded.append(len(parameters))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(watch):
        engine = search_index()
    assert sum(engine.counts().values()) == len(documents)
    assert max(loaded) <= 10_000 // length + 1
    assert sum(loaded) == len(documents)
