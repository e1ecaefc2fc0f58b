"""The database is away: every command says so in one line that names the server, and exits with an error."""

import sys
from io import StringIO

import pytest
from django.core.management import call_command, get_commands
from django.db import connection

import manage
from cms.database_time_limits import describe_outage
from search.management.commands import search_update
from tests.factories.departments import make_department
from tests.outages import database_away
from tests.search.classifications.official_files import esco_file, occupation, rome_codes

pytestmark = pytest.mark.django_db(transaction=True)

OWN_COMMANDS = sorted(
    name for name, app in get_commands().items() if app.partition(".")[0] in ("cms", "sites", "search")
)
# Arguments with which a command gets as far as the database. `{folder}` has the files of the fixture `folder`.
ARGUMENTS = {
    "create_department": ["38", "--name=Isère", "--host=isere.example.test"],
    "db_worker": ["--batch"],
    "end_sessions": ["--all"],
    "erase_person": ["someone@example.test"],
    "export_department": ["03", "--output={folder}/new"],
    "export_person": ["someone@example.test"],
    "import_department": ["{folder}/archive", "--verbosity=0"],
    "import_esco": ["{folder}/occupations_fr.csv", "--release=1.2"],
    "import_rome": ["{folder}/unix_referentiel_code_rome_v346_utf8.csv"],
    "load_demo": ["--without-accounts"],
    "reset_second_factor": ["someone"],
    "retire_department": ["03"],
    "translations": ["status"],
}
# Commands that print their answer on standard output.
ANSWERS = {"status"}


@pytest.fixture
def folder(tmp_path):
    """A folder with an archive of a department and with files of ESCO and ROME."""
    make_department("allier", code="03")
    call_command("export_department", "03", output=tmp_path / "archive", stdout=StringIO(), stderr=StringIO())
    esco_file(tmp_path, "fr", occupation("4b05bef2-ded4-4b09-ab94-f4c6a555a775", "assistant social"))
    rome_codes(tmp_path, {"K1201": "Action sociale"})
    return tmp_path


def run(monkeypatch, capsys, name, *arguments):
    """Run `manage.py` with these arguments and return its exit status and the lines of its error."""
    monkeypatch.setattr(sys, "argv", ["manage.py", name, *arguments])
    capsys.readouterr()
    with pytest.raises(SystemExit) as end:
        manage.main()
    printed = capsys.readouterr()
    # Python prints a text and exits with 1.
    text, status = (end.value.code, 1) if isinstance(end.value.code, str) else ("", end.value.code)
    error = printed.out if name in ANSWERS else printed.err
    return status, (error + text).strip().splitlines()


def test_each_command_prints_one_line_that_names_the_database(folder, search_index, monkeypatch, capsys, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    search_index()
    answers = {}
    with database_away():
        # The port of a server, or the file of SQLite.
        server = str(
            connection.settings_dict["PORT"] if connection.vendor == "postgresql" else connection.settings_dict["NAME"]
        )
        for name in OWN_COMMANDS:
            arguments = [argument.format(folder=folder) for argument in ARGUMENTS.get(name, [])]
            answers[name] = run(monkeypatch, capsys, name, *arguments)
    assert {"search_status", "search_update", "outgoing_mail", "check_departments", "check_files"} <= set(answers)
    wrong = {
        name: (status, lines)
        for name, (status, lines) in answers.items()
        if status == 0 or len(lines) != 1 or server not in lines[0] or "does not answer" not in lines[0]
    }
    assert wrong == {}


def test_a_search_update_that_follows_the_feed_goes_on_after_an_outage(monkeypatch, capsys, search_index):
    """It waits for the database as the worker does."""
    waits = []

    def wait(seconds):
        waits.append(seconds)
        if len(waits) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(search_update.time, "sleep", wait)
    with database_away(), pytest.raises(KeyboardInterrupt):
        call_command("search_update", follow=True)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("does not answer" in line for line in lines)


def test_the_line_holds_no_password(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "geheim")
    assert "geheim" not in describe_outage(ValueError("x"))
