"""Actions on selected cells of the board: request, submit, publish, and what they refuse with a reason."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, PageLogEntry

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.board import bulk_actions
from cms.translations.board.states import BoardState, load_entries
from cms.translations.digest.digest_work import work_by_account
from cms.translations.models import (
    DeclinedTranslation,
    OutdatedTranslation,
    RequestedTranslation,
    TranslationAssignment,
    TranslationProgress,
)
from sites.lifecycle.language_removal import remove_language
from sites.models import DepartmentLocale
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_in(client, department):
    def log_in(role):
        user = make_user(role.partition(":")[0], groups=[f"allier:{role}"])
        client.force_login(user)
        return user

    return log_in


@pytest.fixture
def act(client, commits, english):
    """Confirm an action on the English cells of pages, and return the messages with their spaces normalised."""

    def act(action, *pages, **values):
        cells = [f"{page.pk}-{english.pk}" for page in pages]
        with commits():
            url = reverse("translation_board_action", args=[action])
            response = client.post(url, {"cell": cells, "confirmed": "1"} | values, follow=True)
        assert response.status_code == 200
        return [" ".join(str(each).split()) for each in response.context["messages"]]

    return act


def state_of(department, english, page):
    entry = load_entries(department, [english]).get((page.translation_key, english.pk))
    return entry.state if entry is not None else BoardState.MISSING


def test_missing_translations_are_requested_and_assigned(translated, department, english, log_in, act, commits):
    with commits():
        other = make_page(StandardPage, department, title="Non traduite")
    translator = make_user("translator", groups=["allier:translator:en"])
    log_in("editor")
    messages = act("request", translated.page, other, **{f"assignee_{english.pk}": translator.pk})
    assert messages == [
        "1 traduction est demandée.",
        "Non traité : Aide alimentaire (Anglais). La traduction existe déjà.",
    ]
    assert state_of(department, english, other) == BoardState.IN_PROGRESS
    assert not RequestedTranslation.objects.exists()
    assert TranslationAssignment.objects.values_list("page", "assignee").get() == (other.pk, translator.pk)


def test_a_waiting_request_is_named_and_not_repeated(department, english, log_in, act, client, commits):
    with commits():
        page = make_page(StandardPage, department, title="Non traduite")
    user = log_in("editor")
    RequestedTranslation.objects.create(page=page, locale=english, sender=user)
    assert "demandée : en préparation" in " ".join(client.get(reverse("translation_board")).content.decode().split())
    cells = [f"{page.pk}-{english.pk}"]
    url = reverse("translation_board_action", args=["request"])
    response = client.post(url, {"cell": cells, "confirmed": "1"}, follow=True)
    assert [str(each) for each in response.context["messages"]] == [
        "Non traité\N{NO-BREAK SPACE}: Non traduite (Anglais). Elle est déjà demandée."
    ]


def test_only_the_own_language_of_the_department_can_be_selected(department, log_in, client, commits):
    with commits():
        page = make_page(StandardPage, department, title="Non traduite")
    log_in("editor")
    finnish = DepartmentLocale._meta.get_field("locale").related_model.objects.get_or_create(language_code="fi")[0]
    url = reverse("translation_board_action", args=["request"])
    values = {"cell": f"{page.pk}-{finnish.pk}", "confirmed": "1"}
    assert client.post(url, values).status_code == 404
    assert not RequestedTranslation.objects.exists()


def test_submitting_names_incomplete_and_refused_ones(translated, department, english, log_in, act, commits):
    reviewer = make_user("reviewer", groups=["allier:reviewer:en"])
    with commits():
        other = make_page(StandardPage, department, title="Non traduite")
        manual = make_page(StandardPage, department, title="À la main")
        manual.copy_for_translation(english)
    log_in("translator:en")
    messages = act("submit", translated.page, other, manual)
    assert messages == [
        "1 traduction a été soumise à la relecture.",
        "Tous les textes ne sont pas encore traduits : Aide alimentaire (Anglais).",
        "Non traité : Non traduite (Anglais). Elle n’est pas encore traduite.",
        "Non traité : À la main (Anglais). Ses textes ne s’écrivent pas dans l’éditeur de traductions.",
    ]
    assert state_of(department, english, translated.page) == BoardState.AWAITING_REVIEW
    assert reviewer.email in {address for each in mail.outbox for address in each.to}
    assert act("submit", translated.page) == [
        "Non traité : Aide alimentaire (Anglais). Elle attend la relecture : ouvrez-la pour l’approuver."
    ]


def test_only_what_may_be_published_is_published(translated, department, english, log_in, act, commits):
    log_in("publisher")
    (message,) = act("publish", translated.page)
    assert "5 des 5 textes ne sont pas encore traduits" in message
    translated.write(translated.texts)
    assert act("publish", translated.page) == ["1 traduction a été publiée."]
    assert state_of(department, english, translated.page) == BoardState.PUBLISHED
    assert act("publish", translated.page) == ["Non traité : Aide alimentaire (Anglais). Elle est publiée et à jour."]


def test_a_translation_that_waits_for_approval_is_not_published(translated, department, english, log_in, act):
    translated.write(translated.texts)
    log_in("translator:en")
    act("submit", translated.page)
    log_in("reviewer:en")
    (message,) = act("publish", translated.page)
    assert "Elle attend la relecture" in message
    assert not translated.translation.get_target_instance().live


def test_one_failure_leaves_the_others_published(translated, department, english, log_in, act, commits):
    translated.write(translated.texts)
    with commits():
        other = make_page(StandardPage, department, title="Autre")
        Page.objects.filter(pk=translated.translation.get_target_instance().pk).update(locked=True)
    log_in("publisher")
    act("request", other)
    messages = act("publish", translated.page, other)
    assert any("verrouillée" in message for message in messages)
    assert not translated.translation.get_target_instance().live


@pytest.mark.parametrize("action", ["submit", "publish"])
def test_what_takes_too_long_is_to_be_selected_again(translated, department, english, log_in, act, monkeypatch, action):
    """The request holds a thread, and on SQLite the lock of all writers, until it ends."""
    translated.write(translated.texts)
    log_in("publisher")
    assert bulk_actions.SECONDS_OF_ACTION <= 1, "one translation more may take half a second"
    monkeypatch.setattr(bulk_actions, "SECONDS_OF_ACTION", -1)
    (message,) = act(action, translated.page)
    assert "sélectionnez-la à nouveau" in message
    assert state_of(department, english, translated.page) == BoardState.IN_PROGRESS
    monkeypatch.undo()
    act(action, translated.page)
    assert state_of(department, english, translated.page) != BoardState.IN_PROGRESS


@pytest.mark.parametrize(("role", "shown"), [
    ("editor", {"request", "assign", "submit"}),
    ("publisher", {"request", "assign", "submit", "publish"}),
    ("translator:en", {"submit"}),
    ("reviewer:en", {"submit", "publish"}),
])  # fmt: skip
def test_each_role_has_its_actions_and_no_others(translated, english, log_in, client, role, shown):
    log_in(role)
    content = client.get(reverse("translation_board")).content.decode()
    for action in ("request", "assign", "submit", "publish", "delete"):
        url = reverse("translation_board_action", args=[action])
        response = client.post(url, {"cell": f"{translated.page.pk}-{english.pk}"})
        assert (f'formaction="{url}"' in content) == (action in shown)
        assert (response.status_code == 200) == (action in shown)


def test_selecting_alone_changes_nothing(translated, english, log_in, client):
    log_in("publisher")
    translated.write(translated.texts)
    for action in ("assign", "submit", "publish"):
        url = reverse("translation_board_action", args=[action])
        response = client.post(url, {"cell": f"{translated.page.pk}-{english.pk}"})
        assert "Aide alimentaire" in response.content.decode()
    target = translated.translation.get_target_instance()
    assert not target.live
    assert not target.workflow_in_progress


def test_the_filters_are_kept_after_an_action(translated, english, log_in, client):
    log_in("editor")
    url = reverse("translation_board_action", args=["assign"])
    values = {"cell": f"{translated.page.pk}-{english.pk}", "confirmed": "1", "due_on": "2099-01-01"}
    response = client.post(url, values | {"filters": "language=en&next=https://example.org/"})
    assert response.status_code == 302, response.context["form"].errors
    assert response.url == f"{reverse('translation_board')}?language=en&next=https%3A%2F%2Fexample.org%2F"


def cell_of(client, page, **query):
    """Return the columns of a content in the download of the board, or None if the filters leave it out."""
    response = client.get(reverse("translation_board"), query | {"export": "csv"})
    rows = csv.DictReader(io.StringIO(b"".join(response).decode()))
    return next((row for row in rows if row["Contenu"] == page.title), None)


def test_a_translator_declines_with_a_reason_and_the_department_asks_again(
    translated, department, english, client, log_in, act
):
    translator = log_in("translator:en")
    TranslationAssignment.objects.create(
        page=translated.page, locale=english, assignee=translator, due_on=timezone.localdate()
    )
    assert translator.pk in work_by_account(timezone.localdate())
    assert act("decline", translated.page, reason="") == []
    assert act("decline", translated.page, reason="Too much this month") == ["1 traduction est déclinée."]
    assert state_of(department, english, translated.page) == BoardState.DECLINED
    assert cell_of(client, translated.page)["Anglais"] == "déclinée (Too much this month)"
    assert cell_of(client, translated.page)["Anglais\u00a0: depuis le"] == timezone.localdate().isoformat()
    assert cell_of(client, translated.page, state="declined") is not None
    assert cell_of(client, translated.page, state="in_progress") is None
    assert cell_of(client, translated.page, assignee="me") is None
    content = client.get(reverse("translation_board")).content.decode()
    assert "Too much this month" in content
    assert "déclinée par translator" in content
    assert "depuis" not in content.partition("translation-cell")[2]
    DeclinedTranslation.objects.update(declined_at=timezone.now() - timedelta(days=3))
    assert "depuis 3\xa0jours" in client.get(reverse("translation_board")).content.decode()
    assert translator.pk not in work_by_account(timezone.localdate())
    (message,) = act("decline", translated.page, reason="x")
    assert "déjà" in message

    log_in("editor")
    assert act("request", translated.page) == ["1 traduction est demandée."]
    assert state_of(department, english, translated.page) == BoardState.IN_PROGRESS
    assert not DeclinedTranslation.objects.exists()


def test_who_submits_a_declined_translation_takes_it_back(translated, department, english, log_in, act):
    log_in("translator:en")
    act("decline", translated.page, reason="x")
    act("submit", translated.page)
    assert state_of(department, english, translated.page) == BoardState.AWAITING_REVIEW
    assert not DeclinedTranslation.objects.exists()
    (message,) = act("decline", translated.page, reason="x")
    assert "attend la relecture" in message


def test_a_missing_translation_is_declined_by_the_department_only_unless_it_was_requested(
    department, english, client, log_in, act, commits
):
    with commits():
        page = make_page(StandardPage, department, title="Non traduite")
    log_in("translator:en")
    (message,) = act("decline", page, reason="x")
    assert "Personne" in message
    editor = log_in("editor")
    RequestedTranslation.objects.create(page=page, locale=english, sender=editor)
    act("decline", page, reason="Nobody speaks it")
    assert cell_of(client, page)["Anglais"] == "déclinée (Nobody speaks it)"
    assert cell_of(client, page, state="declined") is not None
    assert cell_of(client, page, state="missing") is None
    assert not RequestedTranslation.objects.exists()
    act("request", page)
    assert state_of(department, english, page) == BoardState.IN_PROGRESS
    assert not DeclinedTranslation.objects.exists()


def test_a_public_translation_is_not_declined(translated, log_in, act):
    translated.write(translated.texts)
    translated.publish()
    log_in("editor")
    (message,) = act("decline", translated.page, reason="x")
    assert "publique" in message


def test_declines_end_with_the_language(translated, department, english, log_in, act, commits):
    log_in("translator:en")
    act("decline", translated.page, reason="x")
    with commits():
        remove_language(department.department_locales.get(locale=english))
    assert not DeclinedTranslation.objects.exists()


def test_changes_that_need_no_translation_are_kept_and_the_history_says_who(
    translated, department, english, client, log_in, act
):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(summary="Un repas bien chaud par jour.")
    assert state_of(department, english, translated.page) == BoardState.OUTDATED
    editor = log_in("editor")
    editor_url = reverse("translation_editor", args=[translated.translation.pk])
    assert "selected/keep/" in client.get(editor_url).content.decode()
    (message,) = act("keep", translated.page)
    assert "1 traduction est conservée" in message
    assert state_of(department, english, translated.page) == BoardState.PUBLISHED
    assert not OutdatedTranslation.objects.exists()
    assert "selected/keep/" not in client.get(editor_url).content.decode()
    page = translated.translation.get_target_instance()
    assert page.summary == "A hot meal a day."
    document = PublishedDocument.objects.get(content_id=page.translation_key, locale="en").body
    assert json.loads(document)["translation"]["stale"] is False
    entry = PageLogEntry.objects.get(page=page.pk, action="translations.changes_accepted")
    assert (entry.user, entry.data) == (editor, {"texts": 1})
    (message,) = act("keep", translated.page)
    assert "Non traité" in message


def test_kept_changes_after_a_publication_and_before_another_change(translated, department, english, log_in, act):
    translated.write(translated.texts)
    translated.publish()
    log_in("editor")
    translated.edit(summary="Un repas bien chaud par jour.")
    translated.publish()
    assert state_of(department, english, translated.page) == BoardState.OUTDATED
    translated.edit(summary="Un repas très chaud par jour.")
    act("keep", translated.page)
    assert state_of(department, english, translated.page) == BoardState.PUBLISHED
    translated.edit(summary="Deux repas par jour.")
    assert state_of(department, english, translated.page) == BoardState.OUTDATED
    assert OutdatedTranslation.objects.get().former_source == "Un repas très chaud par jour."


def test_an_added_text_stays_to_be_translated(translated, department, english, log_in, act):
    translated.write(translated.texts)
    translated.publish()
    log_in("editor")
    block = translated.page.body.get_prep_value()
    block[0]["value"] = "<p>Ouvert le lundi.</p><p>Fermé en août.</p><p>Un nouveau paragraphe.</p>"
    translated.edit(summary="Un repas bien chaud par jour.", body=json.dumps(block))
    act("keep", translated.page)
    assert not OutdatedTranslation.objects.exists()
    assert state_of(department, english, translated.page) == BoardState.OUTDATED
    progress = TranslationProgress.objects.get(translation=translated.translation)
    assert (progress.outdated, progress.public_outdated, progress.translated) == (0, 1, 5)


def test_a_translator_does_not_keep_all_changes_at_once(translated, client, log_in, english):
    translated.write(translated.texts)
    translated.publish()
    translated.edit(summary="Un repas bien chaud par jour.")
    log_in("translator:en")
    cells = {"cell": f"{translated.page.pk}-{english.pk}", "confirmed": "1"}
    assert client.post(reverse("translation_board_action", args=["keep"]), cells).status_code in (302, 403)
    assert OutdatedTranslation.objects.exists()
