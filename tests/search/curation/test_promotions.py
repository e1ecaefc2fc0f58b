"""Promoted results: the searches that they apply to, and the permissions to edit them."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from wagtail.models import PageViewRestriction

from cms.pages.models import EventPage, StandardPage
from search.curation import promotions
from search.engines.contract import EngineUnavailable
from search.linguistics.comparable_words import comparable_words
from search.models import Promotion
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import mirror
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

ADD = reverse("promotions:add")
INDEX = reverse("promotions:index")


@pytest.fixture
def library(commits, search_index):
    """Return Allier and Isère with a page each, and a page of Allier that Isère mirrors, in an up-to-date index."""
    with commits():
        allier, isere = make_department("allier", locales=("fr", "en")), make_department("isere", locales=("fr",))
        help_page = make_page(StandardPage, allier, title="Aide alimentaire")
        other = make_page(StandardPage, allier, title="Épicerie solidaire")
        foreign = make_page(EventPage, isere, title="Fête de l’épicerie")
        mirror(help_page, isere)
    search_index()
    return SimpleNamespace(allier=allier, isere=isere, help=help_page, other=other, foreign=foreign)


@pytest.fixture
def publisher(client, library):
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    return client


def promote(page, words, department=None, **fields):
    return Promotion.objects.create(
        department=department, words=words, content_id=page.translation_key, **{"language": "fr"} | fields
    )


def found(q, department=None, locale="fr", **fields):
    filters = {"department": (department.slug,)} if department else {}
    query = SearchQuery(
        words=parse_words(q), filters=filters | fields.pop("filters", {}), locales=(locale, "fr", "en"), **fields
    )
    return [(card["title"], hit.is_promoted) for hit, card in run_search(query).cards]


def form(page, **fields):
    content = {"content_id": str(page.translation_key)} if page else {}
    return {"language": "fr", "words": "banque de cornichons", "position": "1"} | content | fields


# --- Searches -----------------------------------------------------------------------------------------------


def test_a_promotion_of_a_department_applies_to_its_site_only(library):
    promote(library.help, "vacances", library.allier)
    assert found("vacances", library.allier) == [("Aide alimentaire", True)]
    assert found("vacances", library.isere) == found("vacances") == []


def test_a_promotion_of_the_instance_applies_to_searches_in_all_departments(library):
    promote(library.help, "épicerie")
    first, *others = found("épicerie")
    assert first == ("Aide alimentaire", True)
    assert {title for title, _promoted in others} == {"Épicerie solidaire", "Fête de l’épicerie"}
    assert not any(promoted for _title, promoted in others)
    assert ("Aide alimentaire", True) not in found("épicerie", library.allier)
    assert found("épicerie", filters={"department": ("allier", "isere")})[0][1] is False


@pytest.mark.parametrize(
    "q",
    ["l’aide d’urgence", "AIDES URGENCE", "urgence, aide !", "aide aide urgence", '"aide d’urgence"', "Áidé urgences"],
)
def test_promotions_match_other_spellings_of_the_words(library, q):
    promote(library.other, "aide d’urgence", library.allier)
    assert found(q, library.allier)[:1] == [("Épicerie solidaire", True)]


@pytest.mark.parametrize(
    "q", ["aide", "aide d’urgence Moulins", "aide -urgence", "aide d’urgence -moulins", "", "de la"]
)
def test_other_words_have_no_promotion(library, q):
    promote(library.other, "aide d’urgence", library.allier)
    assert not any(promoted for _title, promoted in found(q, library.allier))


def test_both_genders_of_a_profession_with_and_without_accents_match():
    same = ["infirmière", "infirmiere", "infirmiers", "infirmier·ère", "INFIRMIÈRES"]
    assert {comparable_words(each, "fr") for each in same} == {comparable_words("infirmier", "fr")}
    assert comparable_words("où de la", "fr") == frozenset()


def test_a_promotion_applies_to_its_language(library):
    promote(library.help, "gherkin", library.allier, language="en")
    assert found("gherkin", library.allier, locale="en") == [("Aide alimentaire", True)], "in French instead"
    assert found("gherkin", library.allier, locale="fr") == []
    query = SearchQuery(words=parse_words("gherkin"), filters={"department": ("allier",)})
    assert run_search(query).cards == [], "without a language, in that of the promotion only"
    promote(library.help, "gherkin", library.allier)
    assert [hit.is_promoted for hit, _card in run_search(query).cards] == [True]


def test_several_promoted_contents_keep_their_order(library):
    promote(library.help, "épicerie", library.allier, position=2)
    promote(library.other, "épiceries", library.allier, position=1)
    assert [title for title, _promoted in found("épicerie", library.allier)] == [
        "Épicerie solidaire",
        "Aide alimentaire",
    ]


def test_promotions_apply_to_the_sort_by_relevance_only(library):
    promote(library.help, "épicerie", library.allier)
    assert found("épicerie", library.allier, sort="title") == [("Épicerie solidaire", False)]


def test_promotions_that_are_not_public_or_do_not_match_the_filters_are_not_shown(library, commits, search_index):
    promote(library.help, "vacances", library.isere)
    assert found("vacances", library.isere) == [("Aide alimentaire", True)], "mirrored"
    assert found("vacances", library.isere, filters={"type": ("event",)}) == []
    with commits():
        PageViewRestriction.objects.create(page=library.help, restriction_type=PageViewRestriction.LOGIN)
    assert found("vacances", library.isere) == [], "before the index has followed"
    search_index()
    assert run_search(SearchQuery(words=parse_words("vacances"), filters={"department": ("isere",)})).answer.count == 0


def test_the_next_search_of_every_process_uses_a_change(library, django_assert_num_queries):
    row = promote(library.help, "vacances", library.allier)
    with django_assert_num_queries(3):
        assert found("vacances", library.allier)
    with django_assert_num_queries(2):
        assert found("vacances", library.allier)
    known = promotions._promotions
    row.delete()
    assert found("vacances", library.allier) == []
    promotions._promotions = known
    assert found("vacances", library.allier) == []


def test_the_api_and_the_reader_mark_promoted_results(library, client):
    promote(library.help, "épicerie", library.allier)
    results = client.get("/api/v1/search/", {"q": "épicerie", "locale": "fr", "department": "allier"}).json()["results"]
    assert [each["promoted"] for each in results] == [True, False]
    host = library.allier.site.hostname
    page = client.get("/search/", {"q": "épicerie", "language": "fr"}, headers={"host": host})
    hits = BeautifulSoup(page.content, "html.parser").select(".search-hits li")
    assert ["Recommandé" in hit.select_one(".kicker").get_text() for hit in hits] == [True, False]


# --- Permissions ------------------------------------------------------------------------------------------


def test_a_publisher_finds_and_promotes_a_content(publisher, library):
    page = publisher.post(ADD, form(None, look_for="alimentaires", **{"look-up": "1"}))
    assert not Promotion.objects.exists()
    choice = BeautifulSoup(page.content, "html.parser").select_one("input[name=content_id]")
    assert choice["value"] == str(library.help.translation_key)
    assert page.context["form"]["words"].value() == "banque de cornichons", "the form is as it was"
    data = form(library.help, look_for="alimentaires", department=library.allier.pk)
    assert publisher.post(ADD, data).status_code == 302
    row = Promotion.objects.get()
    assert (row.department, row.content_id) == (library.allier, library.help.translation_key)
    assert found("banques de cornichons", library.allier) == [("Aide alimentaire", True)]
    assert "Aide alimentaire" in publisher.get(INDEX).content.decode()
    edit = reverse("promotions:edit", args=[row.pk])
    assert "Aide alimentaire" in publisher.get(edit).content.decode()
    assert publisher.post(edit, form(library.other, department=library.allier.pk)).status_code == 302
    assert found("banque de cornichons", library.allier) == [("Épicerie solidaire", True)]
    assert publisher.post(reverse("promotions:delete", args=[row.pk])).status_code == 302
    assert found("banque de cornichons", library.allier) == []


@pytest.mark.parametrize("key", ["foreign", "nothing", "draft", "private"])
def test_content_that_is_not_on_the_site_cannot_be_promoted(publisher, library, commits, key):
    with commits():
        library.draft = make_page(StandardPage, library.allier, title="Brouillon caché", publish=False)
        library.private = make_page(StandardPage, library.allier, title="Page cachée")
        PageViewRestriction.objects.create(page=library.private, restriction_type=PageViewRestriction.LOGIN)
    library.nothing = SimpleNamespace(translation_key=uuid4(), title="Rien de caché")
    page = getattr(library, key)
    response = publisher.post(ADD, form(page, department=library.allier.pk))
    errors = response.context["form"].errors
    assert errors == {"content_id": ["Ce contenu n’est pas sur le site de ce département actuellement."]}
    assert page.title not in response.content.decode()
    look = publisher.post(ADD, form(page, look_for="épicerie", **{"look-up": "1"}))
    assert page.title not in look.content.decode()
    assert not Promotion.objects.exists()


def test_promotions_of_another_department_are_not_found(publisher, library):
    theirs = promote(library.foreign, "fête secrète", library.isere)
    everywhere = promote(library.foreign, "fête de tous")
    listed = publisher.get(INDEX).content.decode()
    assert "fête" not in listed
    for row in (theirs, everywhere):
        for name in ("edit", "delete", "history", "usage"):
            assert publisher.get(reverse(f"promotions:{name}", args=[row.pk])).status_code == 404
        assert publisher.post(reverse("promotions:delete", args=[row.pk])).status_code == 404
    for department in (library.isere.pk, ""):
        response = publisher.post(ADD, form(library.foreign, department=department))
        assert "department" in response.context["form"].errors
    assert Promotion.objects.count() == 2


@pytest.mark.parametrize("role", ["editor", "media_manager", "translator:en", "reader"])
def test_other_roles_cannot_promote(client, library, role):
    client.force_login(make_user("other", groups=[f"allier:{role}"]))
    assert client.get(INDEX).status_code == client.get(ADD).status_code == 404


def test_a_superuser_promotes_for_any_department_or_for_all(client, library):
    client.force_login(make_user("root", is_superuser=True))
    assert client.post(ADD, form(library.foreign, department="", words="épicerie")).status_code == 302
    assert found("épicerie")[0] == ("Fête de l’épicerie", True)
    promote(library.help, "vacances", library.allier)
    listed = client.get(INDEX).content.decode()
    assert "vacances" in listed
    assert "épicerie" in listed
    assert "vacances" not in client.get(INDEX, {"department": library.isere.pk}).content.decode()


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"words": "de la"}, "words"), ({"words": ""}, "words"), ({"words": "x" * 201}, "words"),
        ({"language": "xx"}, "language"), ({"position": "0"}, "position"), ({"position": "99999999999"}, "position"),
        ({"content_id": "x"}, "content_id"),
        ({"content_id": ""}, "content_id"), ({"words": "Vacance"}, "content_id"),
    ],
)  # fmt: skip
def test_form_errors_name_the_field(publisher, library, fields, name):
    promote(library.help, "les vacances", library.allier)
    response = publisher.post(ADD, form(library.help, department=library.allier.pk) | fields)
    assert list(response.context["form"].errors) == [name]
    assert Promotion.objects.count() == 1


def test_the_form_says_that_search_is_unavailable(publisher, library, monkeypatch):
    def away(query):
        raise EngineUnavailable

    monkeypatch.setattr("search.admin.content_finder.search_live_index", away)
    response = publisher.get(ADD, {"words": "aide"})
    assert "La recherche ne répond pas" in response.content.decode()
    assert publisher.post(ADD, form(library.help, department=library.allier.pk)).status_code == 302


def test_the_list_needs_a_constant_number_of_queries(publisher, library, django_assert_max_num_queries):
    for number in range(30):
        promote(library.help, f"mot {number}", library.allier)
    publisher.get(INDEX)
    with django_assert_max_num_queries(20):
        publisher.get(INDEX)
