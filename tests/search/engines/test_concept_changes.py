"""Both engines follow changes of concept names for indexed documents, without a rebuild."""

import pytest

from cms.pages.models import ProfessionPage
from search.classifications.concept_store import store_release
from search.classifications.release import ConceptNames, Release, ReleaseEntry
from search.indexing.index_updates import apply_feed
from search.indexing.rebuild import index_status
from search.models import Concept
from search.query.search_query import SearchQuery, parse_words
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.search.classifications.official_files import ESCO, SOCIAL_WORKER

pytestmark = pytest.mark.django_db


def test_imported_names_and_codes_reach_indexed_documents(store, commits):
    with commits():
        page = make_page(ProfessionPage, make_department("allier"), title="Assistant", esco_uri=ESCO + SOCIAL_WORKER)
    engine = store.open("library")
    apply_feed(engine)
    names = {"en": ConceptNames("zookeeper", ("night watch",)), "fi": ConceptNames("sosiaalityöntekijä", ())}
    entry = ReleaseEntry(SOCIAL_WORKER, notation="2635.3", group="2635", names=names)
    store_release(Release(Concept.Scheme.ESCO, "1", ("en", "fi"), {SOCIAL_WORKER: entry}))
    assert index_status(engine).lag == 1
    assert apply_feed(engine) == 1
    assert index_status(engine).is_complete
    queries = [SearchQuery(words=parse_words(q)) for q in ("zookeeper", "night watch", "sosiaalityöntekijä")]
    for query in [*queries, SearchQuery(concept="2635.3"), SearchQuery(concept="2635")]:
        hits = engine.search(query).hits
        assert [hit.content_id for hit in hits] == [str(page.translation_key)], query
