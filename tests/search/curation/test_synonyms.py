"""The table of synonyms: its form, and its effect on searches."""

import pytest
from django.urls import reverse

from cms.pages.models import StandardPage
from search.engines.contract import EngineUnavailable
from search.linguistics import synonyms
from search.models import SynonymGroup
from search.query.search_query import SearchQuery, parse_words
from search.results import run_search
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

ADD = reverse("search_synonyms:add")


@pytest.fixture
def root(client):
    client.force_login(make_user("root", is_superuser=True))
    return client


def titles(q):
    return [card["title"] for _hit, card in run_search(SearchQuery(words=parse_words(q), locales=("fr",))).cards]


def error_of(response):
    (error,) = response.context["form"].errors["names"]
    return error


def test_the_next_search_uses_saved_synonyms(root, commits, search_index):
    with commits():
        make_page(StandardPage, make_department("allier"), title="Aide alimentaire")
    search_index()
    assert titles("banque de cornichons") == []
    root.post(ADD, {"language": "fr", "names": "banque de cornichons ;\n  aide   alimentaire"})
    group = SynonymGroup.objects.get()
    assert group.names == "banque de cornichons, aide alimentaire"
    assert titles("banques de cornichons") == ["Aide alimentaire"]
    root.post(
        reverse("search_synonyms:edit", args=[group.pk]), {"language": "fr", "names": "épicerie, aide alimentaire"}
    )
    assert titles("banque de cornichons") == []
    assert titles("épicerie") == ["Aide alimentaire"]
    root.post(reverse("search_synonyms:delete", args=[group.pk]))
    assert titles("épicerie") == []


def test_synonyms_can_be_saved_while_the_engine_is_unavailable(root, commits, search_index, settings):
    with commits():
        make_page(StandardPage, make_department("allier"), title="Aide alimentaire")
    search_index()
    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = "elasticsearch", "http://127.0.0.1:9"
    with commits():
        assert root.post(ADD, {"language": "fr", "names": "épicerie, aide alimentaire"}).status_code == 302
    with pytest.raises(EngineUnavailable):
        titles("épicerie")
    settings.SEARCH_ENGINE = "embedded"  # The engine is available again.
    assert titles("épicerie") == ["Aide alimentaire"]


def test_another_process_uses_a_change_in_its_next_search(commits, search_index, django_assert_num_queries):
    with commits():
        make_page(StandardPage, make_department("allier"), title="Aide alimentaire")
    search_index()
    group = SynonymGroup.objects.create(language="fr", names="épicerie, aide alimentaire")
    with django_assert_num_queries(3):  # Cache versions, groups, cards.
        assert titles("épicerie") == ["Aide alimentaire"]
    with django_assert_num_queries(2):
        assert titles("épicerie") == ["Aide alimentaire"]
    former_table = synonyms._table
    group.delete()
    titles("épicerie")
    # Another process still has the former table.
    synonyms._table = former_table
    assert titles("épicerie") == []


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ("ASE", "Donnez au moins deux noms, séparés par des virgules."),
        ("ASE, , ;", "Donnez au moins deux noms, séparés par des virgules."),
        ("le, aide sociale", "«\xa0le\xa0» ne contient aucun mot que la recherche prend en compte"),
        ("éducatrice, Educateurs", "«\xa0éducatrice\xa0» et «\xa0Educateurs\xa0» sont déjà la même chose"),
        ("a" * 101 + ", aide", f"«\xa0{'a' * 30}…\xa0» est trop long\xa0: un nom compte au plus 100 caractères."),
        (", ".join(f"nom{number}" for number in range(21)), "Donnez au plus 20 noms."),
        ("PMI, protection maternelle et infantile", "Ces noms sont déjà synonymes\xa0: PMI, protection maternelle"),
        ("nourriture, aide alimentaire", "Ces noms sont déjà synonymes\xa0: aide alimentaire, nourriture"),
    ],
)
def test_a_group_without_effect_is_refused_with_the_reason(root, names, error):
    SynonymGroup.objects.create(language="fr", names="aide alimentaire, nourriture, vivres")
    SynonymGroup.objects.create(language="en", names="nom1, nom2")
    response = root.post(ADD, {"language": "fr", "names": names})
    assert error_of(response).startswith(error)
    assert SynonymGroup.objects.count() == 2


def test_an_unknown_language_is_refused(root):
    response = root.post(ADD, {"language": "xx", "names": "un, deux"})
    assert "language" in response.context["form"].errors


def test_a_group_may_be_saved_unchanged_and_extend_a_group_of_a_file(root):
    group = SynonymGroup.objects.create(language="fr", names="PMI, bébés")
    edit = reverse("search_synonyms:edit", args=[group.pk])
    assert root.post(edit, {"language": "fr", "names": "PMI, bébés"}).status_code == 302


def test_the_form_is_prefilled_from_the_url(root):
    form = root.get(ADD, {"language": "fi", "names": "kissa", "id": "3"}).context["form"]
    assert (form["language"].value(), form["names"].value()) == ("fi", "kissa")


def test_the_list_can_be_searched_and_filtered_by_language(root):
    SynonymGroup.objects.create(language="fr", names="aide, soutien")
    SynonymGroup.objects.create(language="en", names="help, aid")
    index = reverse("search_synonyms:index")
    listed = root.get(index, {"language": "en"}).content.decode()
    assert "help, aid" in listed
    assert "aide, soutien" not in listed
    assert "aide, soutien" in root.get(index, {"q": "soutien"}).content.decode()


def test_only_instance_administrators_can_open_the_table(client):
    make_department("allier")
    client.force_login(make_user("admin", groups=["allier:administrator"]))
    for url in (reverse("search_synonyms:index"), ADD):
        assert client.get(url).status_code == 404
