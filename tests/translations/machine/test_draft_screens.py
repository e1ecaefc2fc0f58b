"""Machine drafts on the screens: who asks for them, progress, errors, and what belongs to another department."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from wagtail.models import Page
from wagtail_localize.models import StringTranslation

from cms.translations.drafts.draft_runs import process_drafts
from cms.translations.models import DraftState, MachineDraft
from tests.factories.departments import make_department
from tests.factories.users import make_user

from .libretranslate import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


@pytest.fixture
def screen(translated):
    return reverse("translation_machine_draft", args=[translated.translation.pk])


@pytest.fixture
def editor(translated):
    return reverse("translation_editor", args=[translated.translation.pk])


def content(client, url):
    return client.get(url, follow=True).content.decode()


@pytest.mark.parametrize("role", ["publisher", "administrator", "translator:en", "reviewer:en"])
def test_whoever_may_write_the_translation_has_it_drafted(client, chosen, translated, screen, editor, role):
    client.force_login(make_user("writer", groups=[f"allier:{role}"]))
    assert screen in content(client, editor)
    assert "action" in content(client, screen)
    client.post(screen, {"action": "start"})
    assert MachineDraft.objects.get().state == DraftState.WAITING
    assert "0" in content(client, editor)
    process_drafts()
    page = content(client, screen)
    assert "5" in page
    assert "5" in content(client, f"{screen}?part=1")
    assert StringTranslation.objects.filter(translation_type="machine").count() == 5


@pytest.mark.parametrize(
    "group", ["allier:translator:fr", "allier:reader", "isere:administrator", "isere:translator:en"]
)
def test_nobody_else_does(client, chosen, translated, screen, group):
    make_department("isere", locales=("fr", "en"))
    client.force_login(make_user("other", groups=[group] if group else []))
    answers = {client.get(screen).status_code, client.post(screen, {"action": "start"}).status_code}
    assert answers <= {302, 403, 404}
    assert "isere" not in group or answers == {404}
    assert not MachineDraft.objects.exists()


def test_a_locked_translation_is_not_drafted(client, chosen, translated, screen, editor, translator):
    client.force_login(translator)
    page = translated.translation.get_target_instance()
    page.locked, page.locked_by = True, make_user("other", groups=["allier:publisher"])
    page.save()
    assert client.post(screen, {"action": "start"}).status_code in (302, 403)
    assert not MachineDraft.objects.exists()


def test_the_screen_needs_a_service(client, server, translated, screen, editor, publisher):
    client.force_login(publisher)
    assert client.get(screen).status_code == 404
    assert screen not in content(client, editor)


def test_an_error_is_shown_on_the_screen_in_the_editor_on_the_board_and_to_whoever_asked(
    client, draft, server, screen, editor, publisher
):
    server.answers = [Answer(403, {"error": "no"})]
    draft()
    client.force_login(publisher)
    reason = "LibreTranslate n’accepte pas la clé"
    for url in (screen, editor, reverse("translation_board"), reverse("wagtailadmin_home")):
        assert reason in content(client, url), url
    client.force_login(make_user("editor", groups=["allier:editor"]))
    assert reason not in content(client, reverse("wagtailadmin_home"))


def test_a_failed_draft_is_forgotten_when_people_have_written_the_texts(client, draft, server, translated, publisher):
    server.answers = [Answer(403, {"error": "no"})]
    draft()
    translated.write(translated.texts)
    client.force_login(publisher)
    for url in (reverse("translation_board"), reverse("wagtailadmin_home")):
        assert "n’accepte pas la clé" not in content(client, url), url


def test_refused_texts_are_listed_with_the_reason(client, draft, server, screen, publisher):
    server.answers = [Answer(200, {"translatedText": ["<i>x</i>"] * 5})]
    assert draft().drafted == 1, "the address, which has no tags"
    client.force_login(publisher)
    page = content(client, screen)
    assert "Fermé en août." in page
    assert "balises" in page


def test_a_draft_is_ended_and_asked_for_again(client, draft, screen, publisher):
    draft(run=False)
    client.force_login(publisher)
    client.post(screen, {"action": "cancel"})
    assert MachineDraft.objects.get().state == DraftState.CANCELLED
    client.post(screen, {"action": "start"})
    assert MachineDraft.objects.get().state == DraftState.WAITING


def test_the_board_has_translations_drafted(client, chosen, translated, english, publisher):
    client.force_login(publisher)
    board = content(client, reverse("translation_board"))
    action = reverse("translation_board_action", args=["draft"])
    assert action in board
    cell = f"{translated.page.pk}-{english.pk}"
    answer = client.post(action, {"cell": [cell], "confirmed": "1"}, follow=True)
    assert MachineDraft.objects.get().asked_by == publisher
    assert "brouillon automatique" in answer.content.decode().lower()
    process_drafts()
    translated.translation.refresh_from_db()


def test_the_board_has_no_such_button_without_a_service(client, server, translated, publisher):
    client.force_login(publisher)
    action = reverse("translation_board_action", args=["draft"])
    assert action not in content(client, reverse("translation_board"))
    assert client.post(action, {"cell": ["1-1"], "confirmed": "1"}).status_code in (403, 404)


def test_status_names_drafts_that_the_instance_has_to_mend(draft, server):
    def state():
        out = StringIO()
        with pytest.raises(SystemExit):  # The scheduled commands have not run.
            call_command("status", json=True, stdout=out)
        found = json.loads(out.getvalue())
        return found["translations"]["machine"], [each for each in found["problems"] if "machine" in each]

    server.before = lambda body: server.answers.append(Answer(400, ""))
    draft()
    drafts, problems = state()
    assert ([each["error"] for each in drafts["failed"]], len(problems)) == (["refused"], 1)
    server.before = lambda body: server.answers.append(Answer(403, ""))
    draft()
    drafts, problems = state()
    assert ([each["error"] for each in drafts["failed"]], problems) == (["key"], [])


def test_the_task_runs_after_the_request(client, chosen, translated, screen, publisher, commits):
    client.force_login(publisher)
    with commits():
        client.post(screen, {"action": "start"})
    assert MachineDraft.objects.get().state == DraftState.DONE
    assert Page.objects.get(pk=translated.translation.get_target_instance().pk).live is False
