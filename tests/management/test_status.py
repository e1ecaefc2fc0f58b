"""Command `status`, scheduled commands and locks: they report what waits or failed, and nothing runs twice."""

import datetime
import json
import os
import signal
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail_localize.models import TranslationSource

from cms.delivery.models import PublicationState, PublishedDocument, RefreshRequest, ScheduledRun
from cms.locks import ProcessLock, process_lock
from cms.management.task_recovery import reclaim_abandoned_tasks, worker_lock
from cms.pages.models import StandardPage
from cms.translations.models import RequestedTranslation, TranslationUpdate
from search.engines import index_store
from sites.mail.models import OutgoingMessage
from tests.child_processes import start_child
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db


def run(command, *arguments, **options):
    """Return the output and the exit status of a command."""
    out = StringIO()
    try:
        call_command(command, *arguments, stdout=out, stderr=StringIO(), **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def status():
    output, code = run("status", json=True)
    return json.loads(output), code


def make_task(**values):
    defaults = {
        "task_path": "cms.delivery.tasks.refresh_documents",
        "args_kwargs": {"args": [], "kwargs": {}},
        "backend_name": "default",
        "run_after": get_date_max(),
        "exception_class_path": "",
        "traceback": "",
    }
    return DBTaskResult.objects.create(**defaults | values)


@pytest.fixture
def healthy(own_files, search_index, commits):
    """An instance without problems."""
    with commits():
        department = make_department("allier")
        make_page(StandardPage, home_of(department), title="Chimpanzé", slug="chimpanze")
    search_index()
    call_command("publish_scheduled", stdout=StringIO())
    call_command("nightly", stdout=StringIO())
    return department


def test_a_healthy_instance_has_no_problems(healthy):
    state, code = status()
    assert (state["problems"], state["ok"], code) == ([], True, 0)
    assert state["index"]["lag"] == state["publication"]["waiting"] == 0
    assert "no problems" in run("status")[0]


def leave_request(healthy):
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([home_of(healthy).pk]))
    RefreshRequest.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))


def leave_task(healthy):
    task = make_task(queue_name="index")
    DBTaskResult.objects.filter(pk=task.pk).update(enqueued_at=timezone.now() - datetime.timedelta(hours=1))


def fail_task(healthy):
    make_task(status=TaskResultStatus.FAILED, finished_at=timezone.now(), traceback="Traceback\nValueError: x")


def kill_worker(healthy):
    make_task(status=TaskResultStatus.RUNNING, started_at=timezone.now(), worker_ids=["gone"])


def delay_index(healthy):
    old = timezone.now() - datetime.timedelta(hours=1)
    newest = PublishedDocument.objects.order_by("-sequence").values_list("sequence", flat=True).first()
    PublishedDocument.objects.filter(title="Chimpanzé").update(sequence=newest + 1, changed_at=old)


def lose_index(healthy):
    index_store().remove(index_store().live_name())


def leave_mail(healthy):
    old = timezone.now() - datetime.timedelta(hours=1)
    OutgoingMessage.objects.create(recipient="a@example.org", content={}, created_at=old, attempts=4)


def stop_cron(healthy):
    ScheduledRun.objects.filter(command="publish_scheduled").update(
        started_at=timezone.now() - datetime.timedelta(hours=1)
    )


def renew_epoch(healthy):
    call_command("new_feed_epoch", stdout=StringIO())


def fail_translation(healthy):
    source, _created = TranslationSource.get_or_create_from_instance(StandardPage.objects.get(title="Chimpanzé"))
    TranslationUpdate.objects.create(source=source, attempts=1, error="ValueError: x")


def fail_request(healthy):
    page, sender = StandardPage.objects.get(title="Chimpanzé"), make_user("sender")
    RequestedTranslation.objects.create(page=page, locale=page.locale, sender=sender, attempts=1, error="ValueError: x")


PROBLEMS = [
    (fail_request, "1 requested translations cannot be made"),
    (fail_translation, "the translations of 1 contents cannot be updated"),
    (leave_request, "refresh requests wait"),
    (leave_task, "tasks wait in the queue index"),
    (fail_task, "1 tasks have failed"),
    (kill_worker, "the workers of 1 running tasks have ended"),
    (delay_index, "the search index is"),
    (leave_mail, "1 e-mails wait, the oldest since"),
    (stop_cron, "publish_scheduled ran last at"),
    (renew_epoch, "must be rebuilt: the change feed has a new epoch"),
    (lose_index, "search does not answer"),
]


def test_each_problem_is_shown(healthy):
    for break_something, problem in PROBLEMS:
        with transaction.atomic():
            break_something(healthy)
            state, code = status()
            assert code == 1, problem
            assert any(problem in line for line in state["problems"]), state["problems"]
            assert f"problem: {state['problems'][0]}" in run("status")[0]
            transaction.set_rollback(True)


def test_a_stuck_page_fails_the_scheduled_command(healthy, monkeypatch):
    def fail(*arguments, **keywords):
        raise ValueError("cannot be written")

    page = home_of(healthy)
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([page.pk]))
    with monkeypatch.context() as patch:
        patch.setattr("cms.delivery.publisher.DocumentWriter.compose", fail)
        with pytest.raises(CommandError, match=f"the document of page {page.pk} is not written: .*cannot be written"):
            call_command("publish_scheduled", stdout=StringIO())
    state, code = status()
    assert (state["publication"]["stuck_pages"][0]["page"], code) == (page.pk, 1)
    assert "publish_scheduled had errors" in "\n".join(state["problems"])
    PublicationState.objects.update(next_change_at=timezone.now())
    call_command("publish_scheduled", stdout=StringIO())
    assert status()[1] == 0


READING = ["status", "search_status", "check_departments", "outgoing_mail"]


def test_reading_commands_write_nothing(healthy):
    def refuse_writes(execute, sql, params, many, context):
        assert not sql.startswith(("INSERT", "UPDATE", "DELETE")), sql
        return execute(sql, params, many, context)

    def code_of(command):
        try:
            return run(command)[1]
        except CommandError:
            return 1

    for has_index in (True, False):
        if not has_index:
            lose_index(healthy)
        names = index_store().names()
        with connection.execute_wrapper(refuse_writes):
            codes = {command: code_of(command) for command in READING}
        assert index_store().names() == names
        assert (codes["status"], codes["search_status"]) == ((0, 0) if has_index else (1, 1))


def test_search_says_that_it_is_unavailable_when_all_indexes_are_lost(healthy, client):
    lose_index(healthy)
    with pytest.raises(CommandError, match="no index"):
        call_command("search_status", stdout=StringIO())
    assert client.get("/api/v1/search/?q=chimpanze").status_code == 503


# --- Locks and abandoned tasks -------------------------------------------------------------------------------


EXCLUSIVE = [
    ("rebuild_documents", ()),
    ("search_rebuild", ()),
    ("import_esco", ("missing.csv",)),
    ("import_department", ("missing.zip",)),
    ("retire_department", ("03",)),
]


@pytest.mark.parametrize(("command", "arguments"), EXCLUSIVE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_command_runs_once_at_a_time(command, arguments):
    with (
        process_lock(load_command_class(get_commands()[command], command).lock_name),
        pytest.raises(CommandError, match="running already"),
    ):
        call_command(command, *arguments, stdout=StringIO())


def test_two_scheduled_runs_publish_once(healthy):
    page = home_of(healthy)
    page.title = "Nouveau"
    revision = page.save_revision()
    revision.approved_go_live_at = timezone.now() - datetime.timedelta(minutes=1)
    revision.save()
    with process_lock("publish_scheduled"):
        assert "goes on" in run("publish_scheduled")[0]
        page.refresh_from_db()
        assert page.title != "Nouveau"
        ScheduledRun.objects.update(started_at=timezone.now() - datetime.timedelta(hours=1))
        with pytest.raises(CommandError, match="has not ended since"):
            call_command("publish_scheduled", stdout=StringIO())
    call_command("publish_scheduled", stdout=StringIO())
    page.refresh_from_db()
    assert page.title == "Nouveau"


@pytest.mark.django_db(transaction=True)
def test_the_task_of_a_killed_worker_runs_again_and_fails_in_the_end():
    """The child holds the lock of a worker, as `db_worker` does, and is killed."""
    task = make_task(status=TaskResultStatus.RUNNING, started_at=timezone.now(), worker_ids=["first"])
    reader, writer = os.pipe()

    def work():
        worker_lock("first").acquire()
        lock = worker_lock("second")
        lock.acquire()
        os.write(writer, b"x")
        signal.pause()

    child = start_child(work)
    assert os.read(reader, 1) == b"x"
    task.worker_ids = ["second"]
    task.save()
    assert worker_lock("second").is_taken()
    assert reclaim_abandoned_tasks() == []
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)

    assert [line.partition(":")[0] for line in reclaim_abandoned_tasks()] == ["task refresh_documents runs again"]
    task.refresh_from_db()
    assert task.status == TaskResultStatus.READY
    for worker in ("third", "fourth"):
        task.claim(worker)
        reclaim_abandoned_tasks()
        task.refresh_from_db()
    assert (task.status, len(task.worker_ids)) == (TaskResultStatus.FAILED, 3)
    assert "3 workers ended" in status()[0]["tasks"]["failed_tasks"][0]["error"]


def test_a_lock_is_released_with_its_holder():
    first, second = ProcessLock("a"), ProcessLock("a")
    assert first.acquire()
    assert not second.acquire()
    assert second.is_taken()
    assert ProcessLock("b").is_taken() is False
    first.release()
    assert not second.is_taken()
    assert second.acquire()
    second.release()


# --- Clock ---------------------------------------------------------------------------------------------------


CLOCK_COMMANDS = ["publish_scheduled", "nightly", "audit_log_forget", "search_forget"]


def test_a_clock_that_jumps_does_nothing(healthy):
    page = StandardPage.objects.get(title="Chimpanzé")
    page.expire_at = timezone.now() + datetime.timedelta(days=50)
    page.save()
    before = list(ScheduledRun.objects.values())
    for days in (100, 2, -1):
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days), tick=True):
            for command in CLOCK_COMMANDS:
                with pytest.raises(CommandError, match="--accept-clock"):
                    call_command(command, stdout=StringIO())
    page.refresh_from_db()
    assert page.live
    assert list(ScheduledRun.objects.values()) == before


def test_a_clock_that_is_accepted_is_trusted(healthy, monkeypatch):
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3), tick=True):
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
        monkeypatch.setattr("cms.scheduled_commands._difference_from_database", lambda now: "")
        call_command("publish_scheduled", stdout=StringIO())
        call_command("nightly", stdout=StringIO())


@pytest.mark.postgresql
def test_a_clock_that_differs_from_the_databases_is_refused(healthy):
    ScheduledRun.objects.all().delete()
    with (
        time_machine.travel(timezone.now() + datetime.timedelta(minutes=5), tick=True),
        pytest.raises(CommandError, match="and that of the database"),
    ):
        call_command("publish_scheduled", stdout=StringIO())
