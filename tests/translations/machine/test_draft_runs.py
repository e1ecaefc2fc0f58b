"""Drafts in the background: portions, errors, limits, and texts that people have written."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail_localize.models import StringTranslation

from cms.translations.drafts import draft_requests, draft_runs, draft_texts
from cms.translations.drafts.draft_errors import draft_note
from cms.translations.drafts.draft_requests import cancel_draft, delete_ended_drafts, request_draft
from cms.translations.drafts.draft_runs import process_drafts
from cms.translations.drafts.tasks import draft_by_machine
from cms.translations.machine.daily_use import daily_use
from cms.translations.machine.service_keys import store_key
from cms.translations.machine.services import SERVICES
from cms.translations.models import DraftState, MachineDraft, MachineLanguage, MachineUsage
from tests.factories.departments import make_department
from tests.factories.users import make_user

from .libretranslate import Answer

pytestmark = pytest.mark.django_db


def stored(translated):
    rows = StringTranslation.objects.filter(
        context__object_id=translated.source.object_id, locale=translated.translation.target_locale
    )
    return {row.translation_of.data: (row.data, row.translation_type, row.tool_name) for row in rows}


@pytest.fixture
def meanwhile(monkeypatch):
    """Return a function that has another one called while the service translates the portion with a number."""
    translate, portions = draft_runs._translate, iter(range(1, 100))

    def meanwhile(number, call):
        def translate_and_call(*args):
            found = translate(*args)
            if next(portions) == number:
                call()
            return found

        monkeypatch.setattr(draft_runs, "_translate", translate_and_call)

    return meanwhile


def later(minutes, time_machine):
    time_machine.move_to(timezone.now() + datetime.timedelta(minutes=minutes), tick=True)


def test_the_empty_texts_are_drafted_and_marked(draft, translated, server, publisher):
    translated.write({"Ouvert le lundi.": "Open on Mondays."})
    done = draft()
    assert (done.state, done.texts, done.drafted, done.refused, done.error) == ("done", 4, 4, {}, "")
    texts = stored(translated)
    assert texts.pop("Ouvert le lundi.") == ("Open on Mondays.", "manual", "")
    assert texts == {
        "Aide alimentaire": ("en Aide alimentaire", "machine", "LibreTranslate"),
        "aide-alimentaire": ("en-aide-alimentaire", "machine", "LibreTranslate"),
        "Un repas chaud par jour.": ("en Un repas chaud par jour.", "machine", "LibreTranslate"),
        "Fermé en août.": ("en Fermé en août.", "machine", "LibreTranslate"),
    }
    assert done.characters == sum(map(len, server.texts)) == daily_use(done.department).sent
    assert StringTranslation.objects.filter(last_translated_by=publisher).count() == 4


def test_a_second_draft_sends_nothing_that_is_there(draft, server):
    draft()
    server.requests.clear()
    assert draft().state == "done"
    assert server.requests == []


def test_tags_survive_and_a_text_with_damaged_tags_is_refused_and_reported(draft, translated, server):
    link = "<p>Voir <a href='https://example.org/'>la page</a> et <b>lire</b>.</p>"
    translated.edit(summary="", body=[("text", link)])
    server.answers = []
    assert draft().refused == {}
    tagged = 'Voir <a id="a1">la page</a> et <b>lire</b>.'
    assert stored(translated)[tagged][0] == f"en {tagged}"
    StringTranslation.objects.all().delete()
    damages = [
        "See the page", tagged.replace("a1", "a2"), f"{tagged}<script>alert(1)</script>", tagged + "<b>x</b>", "",
        tagged + "\x00", "<b>" * 50_000, tagged.replace("</b>", ""),
    ]  # fmt: skip
    for damage in damages:
        server.requests.clear()
        server.answers = [Answer(200, {"translatedText": [damage] * 3})]
        done = draft()
        assert done.state == "done"
        assert list(done.refused.values())[-1] in ("tags", "empty", "characters")
        assert tagged not in stored(translated)
        StringTranslation.objects.all().delete()


def test_a_text_that_is_too_long_for_its_field_is_refused(draft, translated, server):
    server.answers = [Answer(200, {"translatedText": ["x" * 300] * 5})]
    done = draft()
    assert (done.drafted, sorted(done.refused.values())) == (3, ["length", "length"])
    assert "Aide alimentaire" not in stored(translated)


def test_portions_are_stored_one_by_one_and_an_error_keeps_what_is_there(draft, translated, server, monkeypatch):
    monkeypatch.setattr(draft_texts, "TEXTS_OF_PORTION", 2)
    number = iter(range(100))
    server.before = lambda body: server.answers.append(Answer(500, "")) if next(number) == 1 else None
    waiting = draft()
    assert (waiting.state, waiting.drafted, waiting.attempts, waiting.error) == ("waiting", 2, 1, "unavailable")
    assert "2" in draft_note(waiting)
    assert len(stored(translated)) == 2


def test_an_error_that_may_pass_is_tried_again_with_growing_pauses_and_then_ends(draft, server, time_machine):
    server.before = lambda body: server.answers.append(Answer(503, ""))
    pauses = []
    current = draft()
    while current.state == DraftState.WAITING:
        pauses.append(current.next_attempt_at - timezone.now())
        assert process_drafts() == 0, "nothing is sent before the time"
        time_machine.move_to(current.next_attempt_at, tick=True)
        process_drafts()
        current.refresh_from_db()
    assert len(server.requests) == len(draft_runs.PAUSES) + 1
    assert pauses == sorted(pauses)
    assert (current.state, current.error) == ("failed", "unavailable")
    assert "LibreTranslate" in draft_note(current)
    server.before = None
    assert draft().state == "done", "a person may ask again"


def test_a_pause_that_the_service_asks_for_holds_all_drafts_of_the_department(draft, server, time_machine):
    server.answers = [Answer(429, "", {"Retry-After": "900"})]
    waiting = draft()
    assert waiting.next_attempt_at - timezone.now() > datetime.timedelta(minutes=14)
    assert process_drafts() == 0
    later(16, time_machine)
    process_drafts()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error, waiting.attempts) == ("done", "", 0)


@pytest.mark.parametrize(("status", "code"), [(403, "key"), (401, "key"), (456, "quota")])
def test_an_error_that_does_not_pass_ends_the_draft_and_costs_nothing(draft, server, department, status, code):
    server.answers = [Answer(status, {"error": "no"})]
    failed = draft()
    assert (failed.state, failed.error, failed.characters) == ("failed", code, 0)
    assert daily_use(department).sent == 0


def test_one_refused_text_does_not_hold_the_others(draft, translated, server):
    def refuse(body):
        if "Fermé en août." in body["q"]:
            server.answers.append(Answer(400, {"error": "Cannot translate"}))

    server.before = refuse
    done = draft()
    assert (done.state, done.drafted, list(done.refused.values())) == ("done", 4, ["service"])
    assert "Fermé en août." not in stored(translated)


def test_a_service_that_refuses_everything_ends_the_draft(draft, server):
    server.before = lambda body: server.answers.append(Answer(400, ""))
    assert (draft().state, MachineDraft.objects.get().error) == ("failed", "refused")


def test_a_text_that_a_person_writes_meanwhile_is_kept(draft, translated, meanwhile):
    meanwhile(1, lambda: translated.write({"Fermé en août.": "Closed in August."}))
    done = draft()
    assert (done.state, done.drafted) == ("done", 4)
    assert stored(translated)["Fermé en août."] == ("Closed in August.", "manual", "")


def test_a_faulty_or_outdated_text_of_a_person_is_kept_and_an_outdated_one_of_a_machine_is_renewed(
    draft, translated, server
):
    translated.write({"Aide alimentaire": "Food aid"})
    draft()
    summary, title = "Un repas chaud par jour ouvré.", "Aide alimentaire ouverte"
    translated.edit(summary=summary, title=title)
    done = draft()
    texts = stored(translated)
    assert texts[summary] == (f"en {summary}", "machine", "LibreTranslate")
    assert texts[title] == ("Food aid", "manual", "")
    assert done.drafted == 1
    StringTranslation.objects.filter(data="Food aid").update(has_error=True)
    draft()
    assert stored(translated)[title][0] == "Food aid"


def test_a_draft_whose_worker_was_killed_is_claimed_again_and_nothing_is_stored_twice(
    draft, translated, server, monkeypatch, time_machine
):
    monkeypatch.setattr(draft_texts, "TEXTS_OF_PORTION", 2)
    draft(run=False)

    class Killed(BaseException):
        pass

    def kill(*args):
        raise Killed

    store, stores = draft_runs._store, iter([draft_runs._store, kill])
    monkeypatch.setattr(draft_runs, "_store", lambda *args: next(stores)(*args))
    with pytest.raises(Killed):
        process_drafts()
    monkeypatch.setattr(draft_runs, "_store", store)
    assert MachineDraft.objects.get().state == DraftState.RUNNING
    assert process_drafts() == 0, "the worker may still run"
    later(6, time_machine)
    process_drafts()
    done = MachineDraft.objects.get()
    assert (done.state, done.drafted, done.texts) == ("done", 5, 5)
    assert len(stored(translated)) == 5


def test_a_draft_that_ends_every_worker_fails(draft, time_machine):
    current = draft(run=False)
    MachineDraft.objects.update(state=DraftState.RUNNING, claimed_until=timezone.now(), attempts=len(draft_runs.PAUSES))
    process_drafts()
    current.refresh_from_db()
    assert (current.state, current.error) == ("failed", "internal")


def test_a_cancelled_draft_stores_nothing_more(draft, translated, meanwhile, monkeypatch):
    monkeypatch.setattr(draft_texts, "TEXTS_OF_PORTION", 2)
    meanwhile(2, lambda: cancel_draft(translated.translation))
    ended = draft()
    assert (ended.state, ended.drafted) == ("cancelled", 2)
    assert len(stored(translated)) == 2
    assert not cancel_draft(translated.translation)
    assert draft().state == "done"


def test_an_open_draft_goes_on_when_somebody_asks_again(draft, translated, publisher):
    first = draft(run=False)
    assert request_draft(translated.translation, publisher).asked_at == first.asked_at


def test_a_draft_beyond_its_size_or_the_day_is_refused(draft, translated, server, settings, department):
    settings.MACHINE_TRANSLATION["characters_per_draft"] = 20
    assert (draft().state, MachineDraft.objects.get().error, server.requests) == ("failed", "too_long", [])
    settings.MACHINE_TRANSLATION |= {"characters_per_draft": 10_000, "characters_per_day": 60}
    assert draft().error == "day_limit"
    assert daily_use(department).sent <= 60
    assert stored(translated) == {}


def test_what_was_sent_counts_for_the_day_of_the_department_only(draft, department, settings, time_machine):
    draft()
    sent = daily_use(department).sent
    assert (sent > 0, daily_use(make_department("isere", locales=("fr", "en"))).sent) == (True, 0)
    time_machine.move_to(timezone.now() + datetime.timedelta(days=1), tick=True)
    assert daily_use(department).sent == 0
    assert MachineUsage.objects.get().characters == sent


@pytest.mark.parametrize("loss", ["role", "account", "closed", "suspended", "stopped", "service", "language", "locked"])
def test_a_draft_ends_with_the_right_to_it(draft, translated, server, publisher, department, loss):
    current = draft(run=False)
    if loss == "role":
        publisher.groups.clear()
    elif loss == "account":
        publisher.delete()
    elif loss == "closed":
        type(publisher).objects.update(is_active=False)
    elif loss == "suspended":
        type(department).objects.update(suspended_at=timezone.now())
    elif loss == "stopped":
        type(translated.translation).objects.update(enabled=False)
    elif loss == "service":
        MachineLanguage.objects.update(service="deepl")
    elif loss == "language":
        MachineLanguage.objects.all().delete()
    else:
        page = translated.translation.get_target_instance()
        page.locked, page.locked_by = True, make_user("other")
        page.save()
    process_drafts()
    current.refresh_from_db()
    assert current.state == "failed"
    assert current.error in ("not_allowed", "not_offered", "locked")
    assert server.requests == []


@pytest.mark.parametrize("loss", ["role", "closed", "stopped", "locked"])
def test_nothing_is_stored_after_the_right_is_lost_while_the_service_translates(
    draft, translated, publisher, meanwhile, loss
):
    def lose():
        if loss == "role":
            publisher.groups.clear()
        elif loss == "closed":
            type(publisher).objects.update(is_active=False)
        elif loss == "stopped":
            type(translated.translation).objects.update(enabled=False)
        else:
            page = translated.translation.get_target_instance()
            page.locked, page.locked_by = True, make_user("other")
            page.save()

    meanwhile(1, lose)
    found = draft()
    assert (found.state, found.error) == ("failed", "locked" if loss == "locked" else "not_allowed")
    assert stored(translated) == {}


def test_the_key_of_the_department_is_used_before_that_of_the_instance(draft, server, settings, department):
    settings.MACHINE_TRANSLATION["keys"]["libretranslate"] = "of-the-instance"
    draft()
    store_key(department, SERVICES["libretranslate"], "of-the-department")
    StringTranslation.objects.all().delete()
    draft()
    assert [body["api_key"] for body in server.requests] == ["of-the-instance", "of-the-department"]
    settings.SECRET_KEY = "another key of at least fifty characters, as one forgets it"
    StringTranslation.objects.all().delete()
    assert draft().error == "key", "a key that cannot be read is never replaced by another one"


def test_the_departments_take_turns(draft, translated, server, commits):
    """A department with many drafts does not hold the only one of another: its turn comes as often."""
    first = draft(run=False)
    assert draft_runs._claim().pk == first.pk
    assert draft_runs._claim() is None


def test_old_drafts_are_deleted(draft, time_machine):
    draft()
    delete_ended_drafts()
    assert MachineDraft.objects.exists()
    time_machine.move_to(timezone.now() + datetime.timedelta(days=31), tick=True)
    delete_ended_drafts()
    assert not MachineDraft.objects.exists()


def test_nothing_is_drafted_where_no_service_is_chosen(server, translated, publisher):
    with pytest.raises(ValidationError):
        request_draft(translated.translation, publisher)


@pytest.mark.django_db(transaction=True)
def test_a_service_is_asked_outside_transactions_and_two_workers_share_the_work(draft, translated, server, monkeypatch):
    monkeypatch.setattr(draft_texts, "TEXTS_OF_PORTION", 1)
    monkeypatch.setattr(draft_requests._processing, "schedule", lambda: None)
    draft(run=False)
    states = []
    translate = draft_runs._translate

    def watched(*args):
        states.append(connection.in_atomic_block)
        return translate(*args)

    monkeypatch.setattr(draft_runs, "_translate", watched)

    def work():
        try:
            process_drafts()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process_drafts()
    done = MachineDraft.objects.get()
    assert (done.state, done.drafted, set(states)) == ("done", 5, {False})
    assert len(server.requests) == 5, "no text is sent twice"


def test_a_run_that_waits_for_its_time_is_enqueued_once(draft, settings):
    """Each run enqueued one more: they piled up while the service was away."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "machine"]}}
    settings.MACHINE_TASKS = "default"
    waiting = DBTaskResult.objects.filter(task_path=draft_by_machine.module_path)
    draft(run=False)
    waiting.delete()
    later = timezone.now() + datetime.timedelta(minutes=5)
    MachineDraft.objects.update(next_attempt_at=later)
    for _run in range(3):
        draft_by_machine.call()
    assert list(waiting.values_list("run_after", flat=True)) == [later]
    earlier = later - datetime.timedelta(minutes=1)
    MachineDraft.objects.update(next_attempt_at=earlier)
    for _run in range(3):
        draft_by_machine.call()
    assert set(waiting.values_list("run_after", flat=True)) == {earlier, later}
