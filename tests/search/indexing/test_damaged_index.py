"""The files of the embedded index are damaged: searches say that it does not answer, and a new index is made."""

import pytest
from django.core.management import CommandError, call_command

from cms.pages.models import StandardPage
from search import engines
from search.engines import index_store
from search.engines.contract import EngineUnavailable, IndexDamaged
from search.indexing import rebuild as rebuilding
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.fixture
def index(search_index, monkeypatch):
    """Return a function that cuts the files of the index with a suffix, as a new process finds them."""
    monkeypatch.setattr(rebuilding, "FORMER_INDEX_SECONDS", 0)
    make_page(StandardPage, make_department("allier"), title="Chimpanzé")
    search_index()
    folder = index_store()._folders.folder(index_store().live_name())

    def damage(suffix):
        paths = list(folder.glob(f"*{suffix}"))
        assert paths
        for path in paths:
            path.write_bytes(path.read_bytes()[:10])
        engines._index_store.cache_clear()

    return damage


def titles():
    return [card["title"] for _hit, card in run_search(SearchQuery(words=parse_words("chimpanzé"))).cards]


@pytest.mark.parametrize("suffix", ["meta.json", ".store", ".idx"])
def test_a_damaged_index_is_made_again_by_the_task(index, settings, background, suffix):
    settings.SEARCH_UPDATES = "task"
    index(suffix)
    with pytest.raises(IndexDamaged):
        titles()
    make_page(StandardPage, make_department("isere"), title="Un autre chimpanzé")
    background.finish()
    assert sorted(titles()) == ["Chimpanzé", "Un autre chimpanzé"]


def test_the_command_makes_a_damaged_index_again_and_says_so(index):
    index(".store")
    with pytest.raises(CommandError, match="damaged"):
        call_command("search_update")
    assert titles() == ["Chimpanzé"]


def test_an_index_with_other_fields_is_replaced_without_waiting_for_it(index, monkeypatch):
    """After an update of the product the live index never answers."""
    monkeypatch.setattr(rebuilding, "MAX_OUTAGE_SECONDS", -1)
    meta = index_store()._folders.folder(index_store().live_name()) / "meta.json"
    meta.write_text(meta.read_text().replace('"locale"', '"idiom"'))
    engines._index_store.cache_clear()
    with pytest.raises(EngineUnavailable, match="other fields"):
        titles()
    call_command("search_rebuild", verbosity=0)
    assert titles() == ["Chimpanzé"]
