"""What is like the best hit comes with few hits, on both engines."""

import pytest

from search.query import SearchQuery, parse_words
from tests.search.engines.conftest import ENGINES, opened
from tests.search.engines.samples import document

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
    others = [document(number, f"Rencontre {number}", text="La ville accueille un salon.") for number in range(40, 80)]
    with opened(request.param, tmp_path_factory.mktemp("alike")) as store:
        engine = store.open("alike")
        engine.apply([FUND, ADVICE, *others], ())
        yield engine


def ask(engine, q, **fields):
    return engine.search(SearchQuery(words=parse_words(q), locales=("fr",), **fields))


def found(engine, q, **fields):
    return [hit.content_id for hit in ask(engine, q, **fields).hits]


def test_few_hits_bring_what_is_like_the_best_of_them(engine):
    assert found(engine, "FSL") == [FUND.content_id, ADVICE.content_id]
    assert [hit.is_related for hit in ask(engine, "FSL").hits] == [False, True]
    assert found(engine, "FSL", limit=1, offset=1) == [ADVICE.content_id]
    assert dict(ask(engine, "FSL").facets["department"]) == {"allier": 1, "isere": 1}, "in counts as in hits"


def test_filters_hold_for_it_too(engine):
    answer = ask(engine, "FSL", filters={"department": ("isere",)})
    assert [hit.content_id for hit in answer.hits] == [FUND.content_id]
    assert dict(answer.facets["department"]) == {"allier": 1, "isere": 1}


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
