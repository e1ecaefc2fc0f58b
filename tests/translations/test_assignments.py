"""Assignees and due dates of translations: on the board, in the queue, in the editor, and how they end."""

import csv
import datetime
import io

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from cms.pages.models import StandardPage
from cms.translations.board.assignments import AssignmentChange, assign
from cms.translations.models import TranslationAssignment
from sites.lifecycle.language_removal import remove_language
from sites.members import membership
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

BOARD = reverse("translation_board")
ASSIGN = reverse("translation_board_action", args=["assign"])


@pytest.fixture
def administrator(client, department):
    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    return client


def tomorrow():
    return timezone.localdate() + datetime.timedelta(days=1)


def yesterday():
    return timezone.localdate() - datetime.timedelta(days=1)


def cell(page, locale):
    return f"{page.pk}-{locale.pk}"


def post(client, cells, **values):
    return client.post(ASSIGN, {"cell": cells, "confirmed": "1"} | values, follow=True)


def give(department, page, locale, user, due_on=None):
    change = AssignmentChange({locale.pk: user and user.pk}, due_on, changes_due_date=True)
    assign(department, [(page.pk, locale.pk)], change)


def rows(client, **query):
    response = client.get(BOARD, query | {"export": "csv"})
    found = csv.DictReader(io.StringIO(b"".join(response).decode().replace("\N{NO-BREAK SPACE}", " ")))
    return {row["Contenu"]: row for row in found}


def test_the_assignee_and_the_due_date_are_on_the_board_and_in_the_download(
    translated, administrator, english, translator
):
    chosen = cell(translated.page, english)
    screen = administrator.get(ASSIGN, {"cell": chosen}).content.decode()
    assert "Aide alimentaire" in screen
    assert "translator" in screen
    assert "administrator</option>" not in screen
    post(administrator, [chosen], **{f"assignee_{english.pk}": translator.pk, "due_on": tomorrow().isoformat()})
    stored = TranslationAssignment.objects.get()
    assert (stored.page_id, stored.locale, stored.assignee, stored.due_on) == (
        translated.page.pk, english, translator, tomorrow()
    )  # fmt: skip
    row = rows(administrator)["Aide alimentaire"]
    assert row["Anglais : attribuée à"] == "translator"
    assert row["Anglais : échéance"] == tomorrow().isoformat()
    assert int(row["Anglais : mots à faire"]) > 0
    assert "attribuée à translator" in administrator.get(BOARD).content.decode()


def test_only_what_is_changed_is_stored_for_several_contents(
    translated, department, administrator, english, translator, commits
):
    with commits():
        other = make_page(StandardPage, department, title="Non traduite")
    give(department, other, english, translator, tomorrow())
    cells = [cell(translated.page, english), cell(other, english)]
    later = tomorrow() + datetime.timedelta(days=5)
    post(administrator, cells, **{f"assignee_{english.pk}": "", "due_on": later.isoformat()})
    assert dict(TranslationAssignment.objects.values_list("page", "assignee")) == {
        translated.page.pk: None, other.pk: translator.pk
    }  # fmt: skip
    assert set(TranslationAssignment.objects.values_list("due_on", flat=True)) == {later}
    post(administrator, cells, **{f"assignee_{english.pk}": "nobody", "due_on": later, "removes_due_date": "on"})
    assert not TranslationAssignment.objects.exists(), "an assignment without values is kept"


@pytest.mark.parametrize("role", ["administrator", "translator:fi", "elsewhere"])
def test_only_translators_and_reviewers_of_the_language_are_assigned(
    translated, department, administrator, english, role
):
    if role == "elsewhere":
        make_department("isere", code="38", locales=("fr", "en"))
        groups = ["isere:translator:en"]
    else:
        groups = [f"allier:{role}"]
    person = make_user("somebody", groups=groups)
    response = post(administrator, [cell(translated.page, english)], **{f"assignee_{english.pk}": person.pk})
    assert response.status_code == 200
    assert not TranslationAssignment.objects.exists()


def test_a_date_that_is_over_is_refused_unless_it_is_kept(translated, department, administrator, english, translator):
    chosen = cell(translated.page, english)
    post(administrator, [chosen], **{f"assignee_{english.pk}": "nobody", "due_on": yesterday().isoformat()})
    assert not TranslationAssignment.objects.exists()
    give(department, translated.page, english, None, yesterday())
    post(administrator, [chosen], **{f"assignee_{english.pk}": translator.pk, "due_on": yesterday().isoformat()})
    assert TranslationAssignment.objects.get().assignee == translator


def test_a_translation_with_nothing_to_do_gets_no_due_date(translated, administrator, english, translator):
    translated.write(translated.texts)
    translated.publish()
    chosen = cell(translated.page, english)
    response = post(administrator, [chosen], **{f"assignee_{english.pk}": "nobody", "due_on": tomorrow().isoformat()})
    assert "Aide alimentaire (Anglais)" in response.content.decode()
    assert not TranslationAssignment.objects.exists()
    post(administrator, [chosen], **{f"assignee_{english.pk}": translator.pk, "due_on": tomorrow().isoformat()})
    assert TranslationAssignment.objects.values_list("assignee", "due_on").get() == (translator.pk, None)


def test_a_published_translation_has_met_its_due_date(translated, department, english, translator, administrator):
    give(department, translated.page, english, translator, yesterday())
    assert "Aide alimentaire" in rows(administrator, due="overdue")
    translated.write(translated.texts)
    assert TranslationAssignment.objects.get().due_on == yesterday()
    translated.publish()
    assert TranslationAssignment.objects.values_list("assignee", "due_on").get() == (translator.pk, None)
    translated.edit(summary="Un repas chaud chaque jour.")
    assert "Aide alimentaire" not in rows(administrator, due="overdue"), "a date of the former translation counts"


def test_filters_find_what_the_cells_show(translated, department, administrator, english, translator, client, commits):
    with commits():
        other = make_page(StandardPage, department, title="Non traduite")
        free = make_page(StandardPage, department, title="Libre")
    give(department, translated.page, english, translator, yesterday())
    give(department, other, english, None, tomorrow())
    assert set(rows(administrator, assignee=translator.pk)) == {"Aide alimentaire"}
    assert set(rows(administrator, assignee="nobody")) == {"Non traduite", "Libre"}
    assert set(rows(administrator, due="overdue")) == {"Aide alimentaire"}
    assert (
        set(rows(administrator, due="soon"))
        == set(rows(administrator, due="dated"))
        == {other.title, "Aide alimentaire"}
    )
    assert set(rows(administrator, due="soon", state="missing")) == {"Non traduite"}
    assert set(rows(administrator, due="soon", assignee=translator.pk, state="missing")) == set()
    assert set(rows(administrator, assignee="me")) == set()
    client.force_login(translator)
    assert set(rows(client, assignee="me")) == {"Aide alimentaire"}
    assert free.title in rows(client)


def test_the_queue_of_a_translator_begins_with_what_is_assigned(
    translated, department, english, translator, client, commits
):
    colleague = make_user("colleague", groups=["allier:reviewer:en"])
    with commits():
        others = [make_page(StandardPage, department, title=title) for title in ("A", "B")]
        targets = [page.copy_for_translation(english) for page in others]
        for target, title in zip(targets, ("A en", "B en"), strict=True):
            target.title = target.draft_title = title
            target.save()
    give(department, others[1], english, translator, yesterday())
    give(department, others[0], english, colleague)
    client.force_login(translator)
    content = client.get(reverse("wagtailadmin_home")).content.decode()
    places = [content.index(text) for text in ("B en", "Aide alimentaire", "A en")]
    assert places == sorted(places)
    assert "attribuée à vous, en retard depuis le" in content
    assert "attribuée à colleague" in content


def test_the_editor_shows_the_assignment_and_leads_managers_to_it(
    translated, department, english, translator, client, administrator
):
    editor = reverse("translation_editor", args=[translated.translation.pk])
    give(department, translated.page, english, translator, tomorrow())
    content = administrator.get(editor).content.decode()
    assert "attribuée à translator" in content
    assert f"{ASSIGN}?cell={cell(translated.page, english)}" in content
    client.force_login(translator)
    content = client.get(editor).content.decode()
    assert "attribuée à translator" in content
    assert ASSIGN not in content


def test_partners_may_not_assign_and_strangers_find_nothing(translated, department, english, translator, client):
    make_department("isere", code="38", locales=("fr", "en"))
    values = {"cell": [cell(translated.page, english)], "confirmed": "1", f"assignee_{english.pk}": translator.pk}
    client.force_login(translator)
    assert client.post(ASSIGN, values).status_code in {302, 403}
    client.force_login(make_user("stranger", groups=["isere:administrator"]))
    assert client.post(ASSIGN, values).status_code == 404
    assert client.get(ASSIGN, {"cell": cell(translated.page, english)}).status_code == 404
    assert not TranslationAssignment.objects.exists()


@pytest.mark.parametrize("key", ["x", "1", "-", "1-", "999999-{}", "9" * 30 + "-{}", "{}-{}-{}", "²-{}"])
def test_cells_that_do_not_exist_are_not_found(administrator, translated, english, key):
    assert administrator.get(ASSIGN, {"cell": key.replace("{}", str(english.pk))}).status_code == 404


def test_the_source_language_and_too_many_cells_are_refused(administrator, translated, department, english):
    french = department.source_locale
    assert administrator.get(ASSIGN, {"cell": cell(translated.page, french)}).status_code == 404
    response = administrator.post(ASSIGN, {"cell": [f"{number}-{english.pk}" for number in range(201)]}, follow=True)
    assert "200" in response.content.decode()
    assert "sélectionnez" in administrator.get(ASSIGN, follow=True).content.decode().lower()


@pytest.mark.parametrize("way", ["role", "member", "account"])
def test_who_leaves_the_language_loses_the_assignments_and_the_due_date_stays(
    translated, department, english, translator, way, commits
):
    isere = make_department("isere", code="38", locales=("fr", "en"))
    with commits():
        own = make_page(StandardPage, department, title="Sans date")
        elsewhere = make_page(StandardPage, isere, title="Ailleurs")
    translator.groups.add(*Group.objects.filter(name__in=["isere:translator:en", "allier:editor"]))
    give(department, translated.page, english, translator, tomorrow())
    give(department, own, english, translator)
    give(isere, elsewhere, english, translator)
    with commits():
        if way == "role":
            membership.change_roles(department, translator, [Group.objects.get(name="allier:editor")], None)
        elif way == "member":
            membership.remove_member(department, translator, None)
        else:
            translator.is_active = False
            translator.save()
    kept = {translated.page.pk: None} | ({} if way == "account" else {elsewhere.pk: translator.pk})
    assert dict(TranslationAssignment.objects.values_list("page", "assignee")) == kept


def test_a_language_that_a_department_gives_up_has_no_assignments(translated, department, english, translator, commits):
    give(department, translated.page, english, translator, tomorrow())
    with commits():
        remove_language(department.department_locales.get(locale=english))
    assert not TranslationAssignment.objects.exists()


def test_assignments_of_a_draft_original_are_in_the_queue(department, english, translator, client, commits):
    with commits():
        draft = make_page(StandardPage, department, title="Brouillon", publish=False)
        draft.copy_for_translation(Locale.objects.get(language_code="en"))
    client.force_login(translator)
    home = reverse("wagtailadmin_home")
    assert "Brouillon" not in client.get(home).content.decode()
    give(department, draft, english, translator)
    assert "Brouillon" in client.get(home).content.decode()


def test_the_number_of_queries_does_not_depend_on_the_number_of_assignments(
    translated, department, administrator, english, translator, commits, django_assert_max_num_queries
):
    def count(**query):
        administrator.get(BOARD, query)
        with django_assert_max_num_queries(100) as queries:
            assert administrator.get(BOARD, query).status_code == 200
        return len(queries)

    give(department, translated.page, english, translator, tomorrow())
    filters = ({}, {"assignee": translator.pk}, {"due": "soon", "language": "en"})
    before = [count(**query) for query in filters]
    with commits():
        for number in range(8):
            page = make_page(StandardPage, department, title=f"Page {number}")
            person = make_user(f"person-{number}", groups=["allier:reviewer:en"])
            give(department, page, english, person if number % 2 else translator, tomorrow())
    assert all(count(**query) <= number for query, number in zip(filters, before, strict=True))
