"""Pages of long answers and facets of relaxed queries, on both engines."""

import datetime

import pytest

from search.query.search_query import SearchQuery, parse_words

from .conftest import ENGINES, open_store
from .samples import document

LANGUAGES = ("fr", "en", "it")
PAST, COMING = datetime.date(2020, 5, 1), datetime.date(2099, 5, 1)


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, tmp_path_factory):
    """300 events in three languages, every other one over, and a few pages of other types."""
    events = [
        document(
            number, f"Festival {number}", locale=LANGUAGES[number % 3], type="event", text="Rencontre " * (number % 7),
            starts_on=day, ends_on=day,
        )
        for number in range(300)
        for day in [PAST if number % 2 else COMING]
    ]  # fmt: skip
    pages = [
        document(400, "Devenir éducateur dans la Drôme", type="profession", text="Un métier de terrain."),
        document(401, "Financer son diplôme", text="Un éducateur explique les aides de la région."),
        document(402, "Une éducatrice raconte", type="testimonial", text="Mon diplôme, mon terrain."),
    ]
    with open_store(request.param, tmp_path_factory.mktemp("paging")) as store:
        engine = store.open("paging")
        engine.apply([*events, *pages], ())
        yield engine


def search(engine, q, **fields):
    return engine.search(SearchQuery(words=parse_words(q), **fields))


@pytest.mark.parametrize("q", ["festival", ""])
@pytest.mark.parametrize("locales", [(), ("it", "en", "fr")])
@pytest.mark.parametrize("limit", [20, 100])
def test_pages_contain_every_hit_once(engine, q, locales, limit):
    count = search(engine, q, locales=locales).count
    assert count >= 300
    pages = [search(engine, q, locales=locales, offset=start, limit=limit).hits for start in range(0, count, limit)]
    keys = [hit.key for page in pages for hit in page]
    assert len(keys) == len(set(keys)) == count


def test_a_facet_filter_finds_as_many_documents_as_the_facet_counts(engine):
    q = "quel diplôme pour devenir éducateur de terrain dans la région"
    whole = search(engine, q, locales=("fr",))
    assert len(whole.facets["type"]) == 3
    for value, number in whole.facets["type"]:
        assert search(engine, q, locales=("fr",), filters={"type": (value,)}).count == number, value


def test_a_filtered_query_without_hits_is_relaxed(engine):
    assert search(engine, "festival diplôme", filters={"type": ("testimonial",)}).count == 1
