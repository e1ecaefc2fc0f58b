"""With a wrong clock no command and no task deletes by date or takes a page offline, unless an option says so."""

import datetime
import importlib
import pkgutil
from contextlib import suppress
from functools import partial
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max
from wagtail.admin.models import EditingSession
from wagtail.models import Page, Revision, UploadedFile

import cms
import search
import sites
from cms.delivery.models import ScheduledRun
from cms.pages.models import StandardPage
from cms.scheduled_commands import ClockRefused
from cms.users.models import AccountSession
from search.models import SearchedWords
from sites.mail.models import OutgoingMessage
from sites.models import AuditLogEntry, Department
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

# Options with which a command deletes by date, or ends.
OPTIONS = {
    "check_files": ["--delete-unnamed"],
    "prune_db_task_results": ["--queue-name", "*"],
    "purge_revisions": ["--days", "30"],
}
# They delete nothing, and take long or ask something. The tasks of the worker run without it. The application of embeds
# is not installed: to load its command would register its model for the tests that follow.
LEFT_OUT = {"load_demo", "fixtree", "sync_locale_trees", "db_worker", "purge_embeds"}
# It sends, and deletes nothing; nothing is suspended.
HARMLESS = {"translation_digests", "retire_department"}
CODE = "03"
ARGUMENTS = {"retire_department": [CODE]}
COMMANDS = sorted(
    name
    for name, application in get_commands().items()
    if not str(getattr(application, "__module__", application)).startswith("django.") and name not in LEFT_OUT
)
# A stored file without a row.
UNNAMED = "videos/abc/a.mp4"
JUMP = datetime.timedelta(days=4000)
BACK = datetime.timedelta(days=-100)
DATED = (
    AccountSession,
    AuditLogEntry,
    DBTaskResult,
    EditingSession,
    OutgoingMessage,
    Revision,
    SearchedWords,
    UploadedFile,
)


def own_tasks():
    for package in (cms, search, sites):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".tasks"):
                yield from (
                    each for each in vars(importlib.import_module(module.name)).values() if isinstance(each, Task)
                )


@pytest.fixture
def dated_objects(settings, own_files, search_index, commits, client):
    """One object of each kind that some command deletes by date, and a page that expires in 50 days."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.DOCUMENT_TASKS = settings.BACKGROUND_TASKS = settings.MAIL_TASKS = "default"
    now = timezone.now()
    with commits():
        page = make_page(
            StandardPage, home_of(make_department("allier", code=CODE)), expire_at=now + datetime.timedelta(days=50)
        )
        page.save_revision().publish()
    client.force_login(user := make_user("editor"))
    EditingSession.objects.create(user=user, content_object=page, last_seen_at=now)
    AuditLogEntry.objects.create(action=AuditLogEntry.Action.LOGIN)
    OutgoingMessage.objects.create(recipient="a@example.org", content={}, state=OutgoingMessage.State.FAILED)
    SearchedWords.objects.create(search_key="a", day=timezone.localdate(), words="chat", hits=1)
    UploadedFile.objects.create(file=ContentFile(b"x", name="a.txt"), uploaded_by_user=user)
    for status in (TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED):
        DBTaskResult.objects.create(
            task_path="cms.delivery.tasks.refresh_documents",
            args_kwargs={"args": [], "kwargs": {}},
            backend_name="default",
            run_after=get_date_max(),
            status=status,
            finished_at=now,
            exception_class_path="",
            traceback="",
        )
    ScheduledRun.objects.create(command="publish_scheduled", started_at=now, finished_at=now)
    return page


def what_is_there():
    rows = {
        model.__name__: set(model._default_manager.values_list("pk", flat=True)) for model in (*DATED, UploadedFile)
    }
    live = set(Page.objects.filter(live=True).values_list("pk", flat=True))
    return rows | {"live": live, "unnamed files": set(filter(default_storage.exists, [UNNAMED]))}


def missing(before):
    after = what_is_there()
    return {name: keys - after[name] for name, keys in before.items() if keys - after[name]}


def losses(commands, tasks=(), *, accept=False):
    """Return what each command and task has deleted or withdrawn; each runs on the same rows."""
    found = {}
    options = ["--accept-clock"] if accept else []
    calls = [(name, partial(run_command, name, *OPTIONS.get(name, ()), *options)) for name in commands]
    for name, call in [*calls, *((task.module_path, task.call) for task in tasks)]:
        if not default_storage.exists(UNNAMED):
            default_storage.save(UNNAMED, ContentFile(b"x"))
        before = what_is_there()
        with transaction.atomic():
            with suppress(Exception, SystemExit), transaction.atomic():
                call()
            found[name] = missing(before)
            transaction.set_rollback(True)
    return {name: lost for name, lost in found.items() if lost}


def run_command(name, *options):
    call_command(name, *options, stdout=StringIO(), stderr=StringIO())


def has_option(name):
    options = load_command_class(get_commands()[name], name).create_parser("", name).format_help()
    return "--accept-clock" in options


def test_no_command_and_no_task_deletes_by_a_clock_that_jumped(dated_objects):
    default_storage.save(UNNAMED, ContentFile(b"x"))
    assert all(what_is_there().values()), "each kind has an object"
    with time_machine.travel(timezone.now() + JUMP, tick=True):
        assert losses(COMMANDS, own_tasks()) == {}
        careful = set(filter(has_option, COMMANDS))
        assert losses(careful, accept=True).keys() == careful - HARMLESS, "the objects would be deleted"


@pytest.mark.parametrize("name", sorted(filter(has_option, COMMANDS)))
@pytest.mark.parametrize("jump", [JUMP, BACK], ids=["ahead", "behind"])
def test_a_command_refuses_a_clock_that_jumped(dated_objects, name, jump):
    arguments = [*ARGUMENTS.get(name, ()), *OPTIONS.get(name, ())]
    with time_machine.travel(timezone.now() + jump, tick=True):
        with pytest.raises(ClockRefused, match=r"Nothing was done.* add --accept-clock once"):
            run_command(name, *arguments)
        with suppress(CommandError):
            run_command(name, *arguments, "--accept-clock")


@pytest.mark.parametrize("jump", [JUMP, BACK], ids=["ahead", "behind"])
def test_a_department_is_retired_by_a_right_clock_only(dated_objects, tmp_path, jump):
    """Ahead, the grace period would be over today; behind, it would be over when the clock is right again."""
    department = Department.objects.get()
    folder = ["--archive-folder", str(tmp_path / "retired")]
    if jump == JUMP:
        run_command("retire_department", CODE)
    with time_machine.travel(timezone.now() + jump, tick=True), pytest.raises(ClockRefused):
        run_command("retire_department", CODE, *folder)
    department.refresh_from_db()
    assert (department.suspended_at is None) == (jump == BACK)
    assert not (tmp_path / "retired").exists()
