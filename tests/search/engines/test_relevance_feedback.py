"""Relevance feedback for queries with few hits, on both engines."""

import pytest

from search.query.search_query import SearchQuery, parse_words

from .conftest import ENGINES, open_store
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
    """An index with enough documents for the words of few of them to be discriminating."""
    others = [document(number, f"Rencontre {number}", text="La ville accueille un salon.") for number in range(40, 150)]
    with open_store(request.param, tmp_path_factory.mktemp("alike")) as store:
        engine = store.open("alike")
        engine.apply([FUND, ADVICE, *others], ())
        yield engine


def search(engine, q, **fields):
    return engine.search(SearchQuery(words=parse_words(q), locales=("fr",), **fields))


def found(engine, q, **fields):
    return [hit.content_id for hit in search(engine, q, **fields).hits]


def test_few_hits_are_followed_by_documents_like_the_best(engine):
    answer = search(engine, "FSL")
    assert [(hit.content_id, hit.is_related) for hit in answer.hits] == [
        (FUND.content_id, False),
        (ADVICE.content_id, True),
    ]


def test_related_hits_are_not_counted_and_displace_no_match(engine):
    answer = search(engine, "FSL")
    assert answer.count == 1
    assert dict(answer.facets["department"]) == {"isere": 1}
    assert found(engine, "FSL", limit=1) == [FUND.content_id]
    assert found(engine, "FSL", limit=1, offset=1) == []


def test_related_hits_respect_the_site_and_are_omitted_with_facet_filters(engine):
    assert found(engine, "FSL", filters={"department": ("isere",)}) == [FUND.content_id]
    assert found(engine, "FSL", filters={"type": ("standard",)}) == [FUND.content_id]


def test_a_promoted_related_document_is_shown_once(engine):
    assert found(engine, "FSL", promoted=(ADVICE.key,)) == [ADVICE.content_id, FUND.content_id]


def test_queries_of_several_words_have_related_hits(engine):
    assert found(engine, "qui paie avec le fonds de solidarité")[:2] == [FUND.content_id, ADVICE.content_id]


@pytest.mark.parametrize(
    "q", ["“fonds de solidarité pour le logement”", "FSL -expulsion", "Perrine"], ids=["quotes", "minus", "a name"]
)
def test_exact_queries_have_no_related_hits(engine, q):
    assert found(engine, q) == [FUND.content_id]


def test_other_orders_than_relevance_have_no_related_hits(engine):
    assert found(engine, "FSL", sort="date") == [FUND.content_id]


def test_no_hit_has_no_related_hits(engine):
    assert found(engine, "PMI") == []
