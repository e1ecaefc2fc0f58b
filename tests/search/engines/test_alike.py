"""What is like the best hit comes with few hits, on both engines."""

import pytest

from search.query.search_query import SearchQuery, parse_words

from .conftest import ENGINES, opened
from .samples import document

FUND = document(
    30,
    "Fonds de solidarité pour le logement",
    department="isere",
    text="Perrine aide avant l’huissier. Quittance, bail.",
)
ADVICE = document(31, "Rester chez soi", text="Quittance, bail, huissier : une juriste explique l’expulsion.")


@pytest.fixture(scope="module", params=ENGINES)
def engine(request, tmp_path_factory):
    """So many documents that two words of few of them tell these apart."""
    others = [document(number, f"Rencontre {number}", text="La ville accueille un salon.") for number in range(40, 150)]
    with opened(request.param, tmp_path_factory.mktemp("alike")) as store:
        engine = store.open("alike")
        engine.apply([FUND, ADVICE, *others], ())
        yield engine


def ask(engine, q, **fields):
    return engine.search(SearchQuery(words=parse_words(q), locales=("fr",), **fields))


def found(engine, q, **fields):
    return [hit.content_id for hit in ask(engine, q, **fields).hits]


def test_few_hits_bring_what_is_like_the_best_of_them(engine):
    answer = ask(engine, "FSL")
    assert [(hit.content_id, hit.is_related) for hit in answer.hits] == [
        (FUND.content_id, False),
        (ADVICE.content_id, True),
    ]


def test_it_is_not_counted_and_takes_no_room(engine):
    answer = ask(engine, "FSL")
    assert answer.count == 1
    assert dict(answer.facets["department"]) == {"isere": 1}
    assert found(engine, "FSL", limit=1) == [FUND.content_id]
    assert found(engine, "FSL", limit=1, offset=1) == []


def test_on_a_site_it_is_of_that_site_and_nothing_comes_to_what_is_narrowed(engine):
    assert found(engine, "FSL", filters={"department": ("isere",)}) == [FUND.content_id]
    assert found(engine, "FSL", filters={"type": ("standard",)}) == [FUND.content_id]


def test_it_is_not_shown_twice_when_it_is_promoted(engine):
    assert found(engine, "FSL", promoted=(ADVICE.key,)) == [ADVICE.content_id, FUND.content_id]


def test_a_question_of_several_words_is_no_exception(engine):
    assert found(engine, "qui paie avec le fonds de solidarité")[:2] == [FUND.content_id, ADVICE.content_id]


@pytest.mark.parametrize(
    "q", ["“fonds de solidarité pour le logement”", "FSL -expulsion", "Perrine"], ids=["quotes", "minus", "a name"]
)
def test_what_is_asked_for_exactly_brings_nothing_else(engine, q):
    assert found(engine, q) == [FUND.content_id]


def test_in_another_order_than_relevance_nothing_else_stands_between(engine):
    assert found(engine, "FSL", sort="date") == [FUND.content_id]


def test_nothing_is_like_nothing(engine):
    assert found(engine, "PMI") == []
