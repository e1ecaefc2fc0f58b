"""Imported names and codes find professions, including those published before the import."""

import pytest
from django.core.cache import cache
from django.core.management import call_command

from cms.pages.models import EventPage, ProfessionPage
from search.classifications.concept_store import store_release
from search.classifications.release import ConceptNames, Release, ReleaseEntry
from search.engines import get_or_create_live_engine
from search.engines.contract import EngineUnavailable
from search.indexing.index_updates import apply_feed
from search.indexing.rebuild import index_status, rebuild
from search.indexing.tasks import update_index
from search.models import Concept, ConceptLabel, IndexCursor
from search.query.search_query import SearchQuery, parse_words
from search.taxonomy.concepts import load_professions, normalize_code
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.search.classifications.official_files import EDUCATOR, ESCO, SOCIAL_WORKER, esco_file, occupation

pytestmark = pytest.mark.django_db


def release(scheme, *entries, is_complete=True):
    languages = dict.fromkeys(language for entry in entries for language in entry.names)
    return Release(scheme, "1", tuple(languages), {entry.code: entry for entry in entries}, is_complete)


def occupations(names, *, code=SOCIAL_WORKER, notation="2635.3", group="2635", **options):
    found = {language: ConceptNames(preferred, tuple(others)) for language, (preferred, *others) in names.items()}
    return release(Concept.Scheme.ESCO, ReleaseEntry(code, notation, group, names=found), **options)


def rome(code, preferred, *appellations):
    return release(Concept.Scheme.ROME, ReleaseEntry(code, names={"fr": ConceptNames(preferred, appellations)}))


@pytest.fixture
def allier(commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def profession(allier, commits):
    with commits():
        return make_page(
            ProfessionPage, allier, title="Assistant de service social", slug="a",
            esco_uri=ESCO + SOCIAL_WORKER, rome_code="K1201",
        )  # fmt: skip


def found(q="", **options):
    hits = get_or_create_live_engine().search(SearchQuery(words=parse_words(q), **options)).hits
    return {hit.content_id for hit in hits}


def test_imported_names_find_a_page_that_was_indexed_before(profession, search_index):
    search_index()
    assert found("zookeeper") == set()
    store_release(occupations({"en": ["social worker", "zookeeper"], "fi": ["sosiaalityöntekijä"]}))
    assert not index_status(get_or_create_live_engine()).is_complete
    assert search_index().name == get_or_create_live_engine().name
    key = {str(profession.translation_key)}
    assert found("zookeeper") == found("sosiaalityöntekijä") == found("social worker") == key
    assert index_status(get_or_create_live_engine()).is_complete
    store_release(occupations({"en": ["social worker"], "fi": ["sosiaalityöntekijä"]}))
    search_index()
    assert found("zookeeper") == set()


def test_new_names_are_indexed_after_the_engine_was_unavailable(
    profession, search_index, background, monkeypatch, caplog
):
    search_index()

    def away(*arguments):
        raise EngineUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr("search.engines.embedded.engine.EmbeddedEngine.apply", away)
        store_release(occupations({"en": ["zookeeper"]}))
        assert update_index.call() == 0
    assert "the search index is behind" in caplog.text
    assert found("zookeeper") == set()
    cache.clear()  # As after ten seconds.
    assert update_index.call() == 1
    assert found("zookeeper") == {str(profession.translation_key)}
    assert update_index.call() == 0


def test_names_imported_while_a_batch_is_indexed_are_not_overwritten(profession, search_index, monkeypatch):
    """Elasticsearch has no write lock: the update after the import may reach the index before an older batch."""
    engine = get_or_create_live_engine()
    apply = type(engine).apply
    waiting = [occupations({"en": ["zookeeper"]})]

    def overtaken(self, documents, withdrawn):
        if waiting:
            store_release(waiting.pop())
            IndexCursor.objects.update(concept_change=1)  # Another process has applied the change.
        return apply(self, documents, withdrawn)

    monkeypatch.setattr(type(engine), "apply", overtaken)
    search_index()
    assert found("zookeeper") == {str(profession.translation_key)}


def test_an_import_enqueues_an_index_update(profession, search_index, tmp_path, commits, settings):
    search_index()
    settings.SEARCH_UPDATES, settings.BACKGROUND_TASKS = "task", "default"
    with commits():
        call_command("import_esco", str(esco_file(tmp_path, "en", occupation(SOCIAL_WORKER, "zookeeper"))))
    assert found("zookeeper") == {str(profession.translation_key)}


def test_only_affected_documents_are_indexed_again(profession, allier, commits, search_index):
    with commits():
        make_page(ProfessionPage, allier, title="Éducateur", slug="e", esco_uri=ESCO + EDUCATOR)
        make_page(EventPage, allier, title="Portes ouvertes", professions=[("page", profession)])
    engine = search_index()
    store_release(occupations({"fr": ["Assistant social"]}))
    assert apply_feed(engine) == 2, "the profession and the event that shows it"
    event = {hit.content_id for hit in engine.search(SearchQuery(filters={"type": ("event",)}, concept="2635.3")).hits}
    assert len(event) == 1
    store_release(occupations({"fr": ["Soudeur"]}, code="00000000-0000-4000-8000-000000000000", is_complete=False))
    assert apply_feed(engine) == 0
    assert index_status(engine).is_complete


def test_a_new_index_applies_the_changes_of_concepts_once(profession, search_index):
    search_index()
    store_release(occupations({"en": ["zookeeper"]}))
    done = []
    engine = rebuild(progress=done.append)
    assert sum(done) == sum(engine.counts().values())
    assert IndexCursor.objects.get(index=engine.name).concept_change == 1
    assert found("zookeeper") == {str(profession.translation_key)}


def test_official_names_replace_those_of_the_demo_in_their_language(profession, search_index):
    store_release(occupations({"en": ["zookeeper"], "fi": ["sosiaalityöntekijä"]}), ConceptLabel.Source.DEMO)
    search_index()
    assert found("zookeeper")
    store_release(occupations({"en": ["social worker"]}))
    store_release(occupations({"en": ["zookeeper"], "fi": ["sosiaalityöntekijä"]}), ConceptLabel.Source.DEMO)
    search_index()
    assert found("zookeeper") == set()
    assert found("social worker") == found("sosiaalityöntekijä") == {str(profession.translation_key)}


def test_each_code_finds_the_profession(profession, search_index):
    store_release(occupations({"en": ["social worker"]}))
    search_index()
    key = {str(profession.translation_key)}
    codes = ["K1201", "k1201", " K1201 ", ESCO + SOCIAL_WORKER, SOCIAL_WORKER.upper(), "2635.3", "2635", *key]
    codes += ["http://data.europa.eu/esco/isco/C2635", "C2635", "c2635"]
    codes += ["https://data.europa.eu/esco/occupation/" + SOCIAL_WORKER]
    for code in codes:
        assert found(concept=normalize_code(code)) == key, code
    for code in ["K1202", "2634", "unknown", "*", "C2634", "C263"]:
        assert found(concept=normalize_code(code)) == set(), code


def test_a_rome_code_that_resembles_an_isco_group_finds_its_profession_only(allier, commits, search_index):
    with commits():
        banker = make_page(ProfessionPage, allier, title="Conseiller bancaire", slug="b", rome_code="C1206")
        group = make_page(ProfessionPage, allier, title="Membre d’un groupe court", slug="g", isco_code="2630")
    search_index()
    assert (
        found(concept=normalize_code("C1206"))
        == found(concept=normalize_code("c1206"))
        == {str(banker.translation_key)}
    )
    assert found(concept=normalize_code("2630")) == {str(group.translation_key)}


def test_appellations_find_a_profession_and_are_not_its_names(profession, allier, commits, search_index):
    with commits():
        named = make_page(ProfessionPage, allier, title="Assistant familial", slug="f", rome_code="K1309")
        other = make_page(ProfessionPage, allier, title="Conseiller", slug="c", rome_code="K1201")
    store_release(rome("K1201", "Assistant / Assistante de service social", "Assistant familial en gérontologie"))
    engine = search_index()
    hits = engine.search(SearchQuery(words=parse_words("gérontologie")), highlight=True).hits
    assert {hit.content_id for hit in hits} == {str(profession.translation_key), str(other.translation_key)}
    assert all(not hit.fragments for hit in hits), "what is not on the page is not shown as if it were"
    first = engine.search(SearchQuery(words=parse_words("assistant familial"))).hits[0]
    assert first.content_id == str(named.translation_key)
    assert engine.suggest("gérontologie", "fr", 5) == []


def test_the_number_of_queries_does_not_depend_on_the_number_of_professions(allier, commits, django_assert_num_queries):
    store_release(occupations({"en": ["zookeeper"]}))
    with commits():
        pages = [
            make_page(ProfessionPage, allier, title=f"Métier {n}", slug=f"m-{n}", esco_uri=ESCO + SOCIAL_WORKER)
            for n in range(8)
        ]
    ids = [str(page.translation_key) for page in pages]
    for number in (1, 8):
        with django_assert_num_queries(3):
            assert len(load_professions(set(ids[:number]))) == number
