"""Names of the values of the profession facet: from a classification, from a page title, or none."""

import pytest

from cms.pages.models import ProfessionPage
from search.models import Concept, ConceptLabel
from search.taxonomy.profession_names import ProfessionName, profession_names
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.search.classifications.official_files import ESCO

pytestmark = pytest.mark.django_db

CHAIN = ("fi", "en", "fr")


def occupation(number):
    return f"{number:08}-0000-4000-8000-000000000000"


def label(number, language, preferred, source="official"):
    concept, _created = Concept.objects.get_or_create(scheme="esco", code=occupation(number), defaults={"change": 1})
    ConceptLabel.objects.create(concept=concept, language=language, source=source, preferred=preferred)


@pytest.fixture
def pages(commits, search_index):
    """Return nine professions: three with an imported occupation, three with another one, three without any."""
    with commits():
        allier = make_department("allier")
        pages = [
            make_page(
                ProfessionPage, allier, title=f"Métier {number}", slug=f"m-{number}",
                esco_uri=ESCO + occupation(number) if number < 6 else "",
            )
            for number in range(9)
        ]  # fmt: skip
    for number in range(3):
        label(number, "fr", f"métier numéro {number}")
        label(number, "en", f"profession {number}")
    search_index()
    return pages


def test_each_kind_of_key_has_a_name_with_a_constant_number_of_queries(pages, django_assert_num_queries):
    keys = [occupation(number) for number in range(6)] + [str(page.translation_key) for page in pages[6:]]
    for some in (keys[::3], keys):
        with django_assert_num_queries(3) as queries:
            names = profession_names(some, CHAIN)
        assert set(names) == set(some)
        assert not [query for query in queries if '"body"' in query["sql"]], "a page has a megabyte at most"
    assert names[occupation(1)] == ProfessionName("Profession 1", "en")
    assert names[occupation(4)] == ProfessionName("Métier 4", "fr")
    assert names[str(pages[8].translation_key)] == ProfessionName("Métier 8", "fr")


def test_no_keys_need_no_query_and_unknown_keys_have_no_name(pages, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert profession_names([], CHAIN) == {}
    assert profession_names(["unknown", occupation(99)], CHAIN) == {}


def test_the_language_of_the_reader_and_official_names_take_precedence(pages):
    label(0, "fi", "demon ammatti", source="demo")
    assert profession_names([occupation(0)], CHAIN) == {occupation(0): ProfessionName("Demon ammatti", "fi")}
    label(0, "fi", "ammatti")
    assert profession_names([occupation(0)], CHAIN) == {occupation(0): ProfessionName("Ammatti", "fi")}
