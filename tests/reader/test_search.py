"""The search page of a site and of the portal."""

import json
import unicodedata
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http import QueryDict

from cms.delivery.models import PublishedDocument
from search.models import Concept, ConceptLabel
from search.results import complete
from search.taxonomy.concepts import normalize_code
from tests.search.classifications.official_files import ESCO

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


@pytest.mark.parametrize(
    "damage",
    [{"start": "x"}, {"department": 5}, {"title": ["Festival"]}, {"image": "x"}, {"translation": {"untranslated": 5}}],
)
def test_a_damaged_card_is_left_out_of_the_hits(library, read, damage):
    library()
    event = PublishedDocument.objects.get(type="event")
    PublishedDocument.objects.filter(pk=event.pk).update(card=json.dumps(event.card_data | damage))
    hits = read("/search/?q=festival+educateur&language=fr").select(".search-hits h3 a")
    assert [hit.get_text() for hit in hits] == ["Éducateur spécialisé"]


def test_a_site_finds_and_links_its_own_content(library, read):
    library()
    page = read("/search/?q=festivals&language=fr")
    hit = page.select_one(".search-hits h3 a")
    assert hit["href"] == "/fr/evenements/festival/"
    assert str(hit.find("mark")) == "<mark>Festival</mark>"
    assert hit.get_text() == "Festival <b>"
    assert page.select_one(".search-count").get_text() == "1 résultat"
    assert page.select_one("input[name=q]")["value"] == "festivals"


def test_the_search_field_restricts_completions_to_the_site(library, read):
    library()
    for url in ("/search/?language=fr", "/fr/evenements/festival/"):
        assert read(url).select_one(".search-field")["data-department"] == "allier"
    for url in ("/", "/search/"):
        assert not read(url, host=SHARED).select_one(".search-field").has_attr("data-department")


def test_links_under_a_path_prefix_keep_it(library, read):
    library()
    page = read("/allier/search/?q=festival&language=fr", host=SHARED)
    assert page.select_one(".search-hits h3 a")["href"] == "/allier/fr/evenements/festival/"
    assert page.select_one("form.search-page")["action"] == "/allier/search/"


def test_the_portal_finds_all_departments(library, read):
    library()
    page = read("/search/?q=festival&language=fr", host=SHARED)
    assert page.select_one(".search-hits h3 a")["href"] == "/allier/fr/evenements/festival/"
    assert "Allier" in page.select_one(".search-hits .kicker").get_text()


def test_a_page_without_words_has_only_the_form(library, read):
    library()
    page = read("/search/")
    assert page.select_one("form[role=search] input[name=q]")
    assert not page.select(".search-hits, .empty")


def test_facet_filters_stay_chosen(library, read):
    library()
    page = read("/search/?q=exemple&type=event&language=fr")
    chosen = page.select_one("input[name=type][checked]")
    assert chosen["value"] == "event"


def test_the_profession_facet_shows_names(publish, read, search_index):
    titles = ("Éducateur spécialisé", "Assistant familial")
    occupations = [ESCO + f"{number:08}-0000-4000-8000-000000000000" for number in range(2)]
    for title, uri in zip(titles, occupations, strict=True):
        key = str(uuid4())
        publish(
            "profession", content=PROFESSION | {"esco_uri": uri}, id=key, row={"content_id": key}, title=title,
            path=f"/fr/{key}/", locale="fr", alternates=[],
        )  # fmt: skip
    concept = Concept.objects.create(scheme="esco", code=normalize_code(occupations[0]), change=1)
    ConceptLabel.objects.create(concept=concept, language="en", source="official", preferred="Social pedagogue")
    search_index()
    page = read("/search/?type=profession&language=fr")
    names = {field.parent.span.get_text(): field.parent.span.get("lang") for field in page.select(PROFESSIONS)}
    assert names == {"Assistant familial": None, "Social pedagogue": "en"}
    page = read(f"/search/?language=en&profession={concept.code}")
    assert [field["value"] for field in page.select(f"{PROFESSIONS}[checked]")] == [concept.code]
    assert len(page.select(".search-hits h3")) == 1


def test_a_spelling_suggestion_is_shown(library, read):
    library()
    page = read("/search/?q=festivalle&language=fr")
    suggestion = page.select_one(".search-suggestion a")
    assert suggestion.get_text() == "festival"
    assert "q=festival" in suggestion["href"]


def test_decomposed_accents_are_highlighted_and_corrected(publish, search_index, read):
    key = str(uuid4())
    title = unicodedata.normalize("NFD", "Été, séjours d’éducateurs spécialisés")
    publish(
        "event", id=key, row={"content_id": key}, title=title, path="/fr/sejours/", locale="fr", alternates=[]
    )  # fmt: skip
    search_index()
    for form in ("NFC", "NFD"):
        q = quote(unicodedata.normalize(form, "séjour spécialisé"))
        marks = read(f"/search/?q={q}&language=fr").select_one(".search-hits h3 a").find_all("mark")
        assert [mark.get_text() for mark in marks] == ["séjours", "spécialisés"]
        q = quote(unicodedata.normalize(form, "été éducateurrs"))
        assert read(f"/search/?q={q}&language=fr").select_one(".search-suggestion a").get_text() == "été éducateurs"
        completed = complete(unicodedata.normalize(form, "été"), "fr", 5)
        assert [each.text for each in completed] == [unicodedata.normalize("NFC", title)]


@pytest.fixture
def meetings(publish, search_index):
    for number in range(12):
        key = str(uuid4())
        type_ = "event" if number else "standard"
        publish(
            type_, id=key, row={"content_id": key}, title=f"Rencontre {number:02}", path=f"/fr/{number}/",
            locale="fr", alternates=[],
        )  # fmt: skip
    return search_index()


@pytest.mark.parametrize(("requested", "shown"), [("1", "1"), ("2", "2"), ("3", "2"), ("50", "2"), ("999", "2")])
def test_a_page_after_the_last_shows_the_last(meetings, read, requested, shown):
    page = read(f"/search/?q=rencontre&language=fr&sort=title&page={requested}")
    assert page.select_one(".search-count").get_text() == "12 résultats"
    assert page.select_one(".pagination [aria-current]").get_text() == shown
    titles = [hit.get_text() for hit in page.select(".search-hits h3")]
    first = (int(shown) - 1) * 10
    assert titles == [f"Rencontre {number:02}" for number in range(first, min(first + 10, 12))]
    assert not page.select(".empty")


def test_every_page_without_hits_says_so(meetings, read):
    for number in (1, 50):
        page = read(f"/search/?q=zzzzzz&language=fr&page={number}")
        assert page.select_one(".empty")
        assert not page.select(".search-hits")


def test_facet_filters_keep_the_chosen_order(meetings, read):
    page = read("/search/?q=rencontre&language=fr&sort=title")
    assert [each["value"] for each in page.select("form.search-page input[name=sort]")] == ["title"]
    for usual in ("", "&sort=relevance", "&sort=x"):
        page = read(f"/search/?q=rencontre&language=fr{usual}")
        assert page.select("form.search-page input[name=type]")
        assert not page.select("input[name=sort]")


def test_links_have_the_parameters_of_the_page_only(meetings, read):
    page = read("/search/?q=rencontre&language=en&type=event&utm=zqother&zqother=1&page=1&sort=title&everywhere=1")
    links = [link["href"] for link in page.select("main a[href^='?']")]
    assert links
    known = {"q", "language", "type", "sort", "everywhere", "page"}
    for link in links:
        assert "zqother" not in link
        parameters = QueryDict(link[1:])
        assert set(parameters) <= known
        assert {name: parameters[name] for name in ("type", "everywhere")} == {"type": "event", "everywhere": "1"}
    assert "zqother" not in str(page)


def test_the_number_of_results_is_a_heading(meetings, read):
    heading = read("/search/?q=rencontre&language=fr").select_one("h2.search-count")
    assert not heading.has_attr("role")


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
def test_invalid_urls_are_no_error(library, get, query):
    library()
    assert get(f"/search/{query}").status_code == 200


def test_every_page_has_the_search_box_and_an_unknown_host_has_no_search(library, read, get):
    library()
    page = read("/fr/evenements/festival/")
    assert page.select_one("form.search-box")["action"] == "/search/"
    assert page.select_one("form.search-box input[name=language]")["value"] == "fr"
    assert get("/search/", host="nobody.invalid").status_code in (400, 404)


def test_a_related_hit_is_labelled(publish, search_index, read):
    """Two of many pages are about eviction; only one of them contains the abbreviation."""
    texts = {"Le FSL": "Un impayé, un bailleur, une expulsion.", "Rester chez soi": "Bailleur, expulsion et impayé."}
    texts |= {f"Rencontre {number}": "Un salon des métiers." for number in range(105)}
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
