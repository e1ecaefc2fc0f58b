"""The board of translations: states, filters, languages of the user, CSV and number of queries."""

import csv
import html
import io

import pytest
from django.urls import reverse
from wagtail.models import Locale, PageViewRestriction

from cms.pages.models import StandardPage
from cms.translations.board.states import BoardState, load_entries
from cms.translations.models import TranslationUpdate
from cms.translations.progress import update_failures
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

BOARD = reverse("translation_board")


@pytest.fixture
def administrator(client):
    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    return client


def cells(client, **query):
    """Return the text of each cell of the CSV by title and language."""
    response = client.get(BOARD, query | {"export": "csv"})
    rows = csv.DictReader(io.StringIO(b"".join(response).decode()))
    return {row.pop("Contenu"): row for row in rows}


def state_of(translated):
    department = translated.page.get_site().department
    (entry,) = load_entries(department, department.locales.filter(language_code="en")).values()
    return entry.state


def test_states_follow_the_work(translated, department, administrator):
    assert cells(administrator)["Aide alimentaire"]["Anglais"] == "en cours (0 / 5)"
    translated.write(translated.texts)
    assert cells(administrator)["Aide alimentaire"]["Anglais"] == "en cours"
    translated.publish()
    assert cells(administrator)["Aide alimentaire"]["Anglais"] == "publiée et à jour"
    translated.edit(summary="Un repas chaud chaque jour.")
    assert cells(administrator)["Aide alimentaire"]["Anglais"] == "périmée (1 texte)"
    assert "périmée" in administrator.get(BOARD).content.decode()


def test_incomplete_and_machine_made_translations_are_named(translated, department):
    department.publishes_partial_translations = department.publishes_machine_translations = True
    department.save()
    translated.write({"Aide alimentaire": "Food aid", "aide-alimentaire": "food-aid"})
    translated.publish()
    assert state_of(translated) == BoardState.INCOMPLETE
    translated.write(translated.texts)
    translated.translation.source.object.sources.first().stringsegment_set.get_translations(
        translated.translation.target_locale
    ).update(translation_type="machine")
    translated.publish()
    assert state_of(translated) == BoardState.MACHINE


def test_a_page_in_a_workflow_awaits_review(translated, client):
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    client.post(reverse("translation_approval", args=[translated.translation.pk]))
    assert state_of(translated) == BoardState.AWAITING_REVIEW
    assert cells(client)["Aide alimentaire"]["Anglais"] == "en attente de relecture (0 / 5)"


@pytest.mark.parametrize(
    ("limit", "sentence"),
    [("MAX_TEXTS", "L’original comporte plus de 5 textes"), ("MAX_CHARACTERS", "L’original comporte plus de 900")],
)
def test_a_translation_that_cannot_be_updated_says_why(translated, administrator, monkeypatch, limit, sentence):
    """The original had more texts than can be translated: the board called the translation up to date for ever."""
    translated.write(translated.texts)
    translated.publish()
    editor = reverse("translation_editor", args=[translated.translation.pk])
    with monkeypatch.context() as limits:
        limits.setattr(update_failures, limit, 5 if limit == "MAX_TEXTS" else 900)
        translated.edit(body=[("text", "<p>Ouvert.</p><p>Un.</p><p>Deux.</p>" + "<p>Texte.</p>" * 100)])
        cell = cells(administrator)["Aide alimentaire"]["Anglais"]
        assert cell.startswith("impossible à mettre à jour (" + sentence)
        assert set(cells(administrator, language="en", state="failed")) == {"Aide alimentaire"}
        for url in (BOARD, editor):
            assert sentence in html.unescape(administrator.get(url).content.decode())
        translated.edit(summary="Un repas chaud chaque jour.")
        assert cells(administrator)["Aide alimentaire"]["Anglais"] == cell
    translated.edit(body=[("text", "<p>Ouvert le lundi.</p><p>Fermé en août.</p>")])
    assert cells(administrator)["Aide alimentaire"]["Anglais"].startswith("périmée")
    assert "L’original comporte" not in html.unescape(administrator.get(editor).content.decode())


def test_an_error_that_nobody_expects_is_shown_on_the_board(translated, administrator):
    translated.write(translated.texts)
    translated.publish()
    TranslationUpdate.objects.create(source=translated.source, attempts=1, error="KeyError: x")
    assert "n’a pas pu être reprise" in cells(administrator)["Aide alimentaire"]["Anglais"]


@pytest.mark.parametrize("state", BoardState.values)
def test_each_state_finds_what_the_cells_show(translated, department, administrator, commits, state):
    with commits():
        make_page(StandardPage, department, title="Non traduite")
    translated.write(translated.texts)
    translated.publish()
    translated.edit(summary="Un repas chaud chaque jour.")
    label = str(BoardState(state).label)
    shown = {title for title, row in cells(administrator).items() if row["Anglais"].startswith(label)}
    for query in ({"state": state}, {"state": state, "language": "en"}):
        assert set(cells(administrator, **query)) == shown
    assert shown or state not in {"missing", "outdated"}


def test_a_language_alone_shows_what_is_to_do(translated, administrator):
    translated.write(translated.texts)
    assert "Aide alimentaire" in cells(administrator, language="en")
    translated.publish()
    assert "Aide alimentaire" not in cells(administrator, language="en")


def test_partners_see_their_languages_and_nobody_sees_other_departments(translated, client, commits):
    with commits():
        isere = make_department("isere", code="38", locales=("fr", "en", "it"))
        make_page(StandardPage, isere, title="Page de l’Isère")
    client.force_login(make_user("partner", groups=["isere:translator:it"]))
    rows = cells(client)
    assert rows["Page de l’Isère"]["Italien"] == "non traduite"
    assert rows["Page de l’Isère"]["Italien\N{NO-BREAK SPACE}: mots à faire"] == ""  # Its words are not counted.
    assert not [name for name in rows["Page de l’Isère"] if name.startswith("Anglais")]
    assert "Aide alimentaire" not in rows
    client.force_login(make_user("media", groups=["isere:media_manager"]))
    assert client.get(BOARD).status_code in {302, 403}
    assert BOARD not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_partners_read_no_title_of_a_draft_that_is_not_sent_to_them(translated, department, client, commits):
    with commits():
        make_page(StandardPage, department, title="Brouillon secret", publish=False)
        private = make_page(StandardPage, department, title="Page privée")
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
        make_page(StandardPage, department, title="Page publique")
        other = make_page(StandardPage, department, title="Page privée en anglais")
        english = other.copy_for_translation(Locale.objects.get(language_code="en"))
        PageViewRestriction.objects.create(page=english, restriction_type=PageViewRestriction.LOGIN)
    client.force_login(make_user("partner", groups=["allier:translator:en"]))
    assert set(cells(client)) == {"Aide alimentaire", "Page publique"}
    client.force_login(make_user("editor", groups=["allier:editor"]))
    assert {"Brouillon secret", "Page privée"} < set(cells(client))


def test_the_number_of_queries_does_not_depend_on_the_number_of_contents(
    translated, department, administrator, commits, django_assert_max_num_queries
):
    def count():
        with django_assert_max_num_queries(100) as queries:
            assert administrator.get(BOARD).status_code == 200
        return len(queries)

    administrator.get(BOARD)
    before = count()
    with commits():
        for number in range(12):
            page = make_page(StandardPage, department, title=f"Page {number}")
            page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    assert count() <= before


def test_the_dashboard_of_a_translator_leads_to_the_editor(translated, client):
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    content = client.get(reverse("wagtailadmin_home")).content.decode()
    assert f'href="{reverse("translation_editor", args=[translated.translation.pk])}"' in content
