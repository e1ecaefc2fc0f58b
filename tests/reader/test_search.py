"""The search page: what a site and the portal find, how it is shown, and that it never fails."""

from uuid import uuid4

import pytest

from search.concepts import concept_code
from search.models import Concept, ConceptLabel
from tests.search.classification_files import ESCO

from .samples import PROFESSION

PROFESSIONS = "input[name=profession]"
SHARED = "cms.example.test"


@pytest.fixture
def library(publish, search_index):
    def library():
        for type_, title, path in (
            ("event", "Festival <b>", "/fr/evenements/festival/"),
            ("profession", "Éducateur spécialisé", "/fr/metiers/educateur/"),
        ):
            key = str(uuid4())
            publish(type_, id=key, row={"content_id": key}, title=title, path=path, locale="fr", alternates=[])
        return search_index()

    return library


def test_a_site_finds_its_own_content_and_leads_to_it(library, read):
    library()
    page = read("/search/?q=festivals&language=fr")
    hit = page.select_one(".search-hits h3 a")
    assert hit["href"] == "/fr/evenements/festival/"
    assert str(hit.find("mark")) == "<mark>Festival</mark>"
    assert hit.get_text() == "Festival <b>"
    assert page.select_one(".search-count").get_text() == "1 résultat"
    assert page.select_one("input[name=q]")["value"] == "festivals"


def test_completions_are_asked_for_the_site_and_on_the_portal_for_all(library, read):
    library()
    for address in ("/search/?language=fr", "/fr/evenements/festival/"):
        assert read(address).select_one(".search-field")["data-department"] == "allier"
    for address in ("/", "/search/"):
        assert not read(address, host=SHARED).select_one(".search-field").has_attr("data-department")


def test_under_a_prefix_links_keep_to_it(library, read):
    library()
    page = read("/allier/search/?q=festival&language=fr", host=SHARED)
    assert page.select_one(".search-hits h3 a")["href"] == "/allier/fr/evenements/festival/"
    assert page.select_one("form.search-page")["action"] == "/allier/search/"


def test_the_portal_finds_all_departments(library, read):
    library()
    page = read("/search/?q=festival&language=fr", host=SHARED)
    assert page.select_one(".search-hits h3 a")["href"] == "/allier/fr/evenements/festival/"
    assert "Allier" in page.select_one(".search-hits .kicker").get_text()


def test_without_words_there_is_only_the_form(library, read):
    library()
    page = read("/search/")
    assert page.select_one("form[role=search] input[name=q]")
    assert not page.select(".search-hits, .empty")


def test_facets_narrow_and_stay_chosen(library, read):
    library()
    page = read("/search/?q=exemple&type=event&language=fr")
    chosen = page.select_one("input[name=type][checked]")
    assert chosen["value"] == "event"


def test_professions_are_a_facet_with_their_names(publish, read, search_index):
    titles = ("Éducateur spécialisé", "Assistant familial")
    occupations = [ESCO + f"{number:08}-0000-4000-8000-000000000000" for number in range(2)]
    for title, uri in zip(titles, occupations, strict=True):
        key = str(uuid4())
        publish(
            "profession", content=PROFESSION | {"esco_uri": uri}, id=key, row={"content_id": key}, title=title,
            path=f"/fr/{key}/", locale="fr", alternates=[],
        )  # fmt: skip
    concept = Concept.objects.create(scheme="esco", code=concept_code(occupations[0]), change=1)
    ConceptLabel.objects.create(concept=concept, language="en", source="official", preferred="Social pedagogue")
    search_index()
    page = read("/search/?type=profession&language=fr")
    names = {field.parent.span.get_text(): field.parent.span.get("lang") for field in page.select(PROFESSIONS)}
    assert names == {"Assistant familial": None, "Social pedagogue": "en"}
    page = read(f"/search/?language=en&profession={concept.code}")
    assert [field["value"] for field in page.select(f"{PROFESSIONS}[checked]")] == [concept.code]
    assert len(page.select(".search-hits h3")) == 1


def test_what_was_meant_is_offered(library, read):
    library()
    page = read("/search/?q=festivalle&language=fr")
    suggestion = page.select_one(".search-suggestion a")
    assert suggestion.get_text() == "festival"
    assert "q=festival" in suggestion["href"]


@pytest.mark.parametrize(
    "query",
    [
        "?q=%00",
        "?q=%22&page=x",
        "?page=99999999999999999999",
        "?sort=x&language=zz",
        "?type=nothing",
        "?q=*",
        "?page=" + "1" * 5000,
        "?profession=%00",
        "?tag=" + "&tag=".join(map(str, range(200))),
    ],
)
def test_an_edited_address_is_no_error(library, get, query):
    library()
    assert get(f"/search/{query}").status_code == 200


def test_every_page_has_the_box_and_a_host_of_nobody_has_no_search(library, read, get):
    library()
    page = read("/fr/evenements/festival/")
    assert page.select_one("form.search-box")["action"] == "/search/"
    assert page.select_one("form.search-box input[name=language]")["value"] == "fr"
    assert get("/search/", host="nobody.invalid").status_code in (400, 404)


def test_what_does_not_have_the_words_says_why_it_is_there(publish, search_index, read):
    """Eviction is a word of two pages among many; only one of them has the abbreviation."""
    texts = {"Le FSL": "Un impayé, un bailleur, une expulsion.", "Rester chez soi": "Bailleur, expulsion et impayé."}
    texts |= {f"Rencontre {number}": "Un salon des métiers." for number in range(55)}
    for number, (title, text) in enumerate(texts.items()):
        key, body = str(uuid4()), [{"type": "text", "value": f"<p>{text}</p>"}]
        path = f"/fr/{number}/"
        content = {"body": body}
        publish(
            "standard",
            content=content,
            id=key,
            row={"content_id": key},
            title=title,
            path=path,
            locale="fr",
            alternates=[],
        )
    search_index()
    hits = read("/search/?q=FSL&language=fr").select(".search-hits li")
    assert [hit.h3.get_text().strip() for hit in hits] == ["Le FSL", "Rester chez soi"]
    assert ["Sur le même sujet" in hit.get_text() for hit in hits] == [False, True]
