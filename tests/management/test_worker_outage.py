"""A worker and PostgreSQL: the server restarts, a worker is killed. Runs on a server of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection, transaction
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

TABLE = DBTaskResult._meta.db_table
SECONDS = 60  # after which a task must be done, on a busy machine


def programs():
    """Return the folder of PostgreSQL's programs; skip the test on a machine that has only a server elsewhere."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        pytest.skip("no PostgreSQL server is installed on this machine")
    return folders[-1].parent


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


class Server:
    """A PostgreSQL server in a folder, with the tables of the test database."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.url = f"postgresql://cms@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-D", folder / "data", "--username=cms", "--auth=trust", "--no-sync")
        self.start()
        parameters = connection.get_connection_params()
        names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
        source = os.environ | {name: str(parameters[key]) for name, key in names.items() if parameters.get(key)}
        dump = subprocess.run(
            ["pg_dump", parameters["dbname"]], env=source, check=True, capture_output=True, timeout=120
        )
        subprocess.run(
            ["psql", "--quiet", "--set=ON_ERROR_STOP=1", self.url], input=dump.stdout, check=True, timeout=120
        )

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o", options, "start")

    def stop(self):
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def _run(self, program, *arguments):
        as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*as_postgres, programs() / program, *arguments]
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL, timeout=60)

    def execute(self, statement, *parameters):
        with psycopg.connect(self.url, autocommit=True) as connected:
            cursor = connected.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def add_task(self, status="READY", worker=""):
        key = uuid.uuid4()
        self.execute(
            f"INSERT INTO {TABLE} (id, status, enqueued_at, args_kwargs, priority, task_path, "  # noqa: S608
            "worker_ids, queue_name, backend_name, run_after, exception_class_path, traceback) VALUES "
            "(%s, %s, now(), %s, 0, 'cms.delivery.tasks.refresh_documents', %s, 'default', 'default', "
            "'9999-01-01T00:00:00Z', '', '')",
            key, status, json.dumps({"args": [], "kwargs": {}}), json.dumps([worker] if worker else []),
        )  # fmt: skip
        return key

    def wait_for(self, key, status):
        statement, end = f"SELECT status FROM {TABLE} WHERE id = %s", time.monotonic() + SECONDS  # noqa: S608
        while (found := self.execute(statement, key)) != [(status,)]:
            assert time.monotonic() < end, found
            time.sleep(0.2)


@pytest.fixture
def server():
    programs()
    folder = Path(tempfile.mkdtemp(prefix="cms-postgresql-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    server = Server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def worker(server, tmp_path):
    """A running `db_worker`; its log is in `worker.log`."""
    environment = os.environ | {
        "DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
        "TASKS_BACKEND": "database",
        "DATA_DIR": str(tmp_path / "data"),
    }
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "db_worker", "--no-reload", "--interval=0.2", "--skip-checks"],
            cwd=project.BASE_DIR, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        yield process
        process.kill()
        process.wait()


def test_a_worker_outlives_a_restart_of_the_database(server, worker, tmp_path):
    before, abandoned = server.add_task(), server.add_task("RUNNING", "a worker that was killed")
    server.wait_for(before, "SUCCESSFUL")
    server.wait_for(abandoned, "SUCCESSFUL")
    server.stop()
    time.sleep(2)
    server.start()
    # The task that it ran, if any, has the name of a worker that no longer exists.
    left = server.add_task("RUNNING", "another worker that was killed")
    after = server.add_task()
    server.wait_for(after, "SUCCESSFUL")
    server.wait_for(left, "SUCCESSFUL")
    assert worker.poll() is None, "it is the same process"
    log = (tmp_path / "worker.log").read_text()
    assert "the worker tries again" in log
    assert "Traceback" not in log
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(SECONDS) == 0, (tmp_path / "worker.log").read_text()


def test_a_worker_holds_its_lock_after_its_idle_connections_were_ended(server, worker, tmp_path):
    """Without it, its running tasks would count as those of a worker that has ended, and run twice."""
    server.wait_for(server.add_task(), "SUCCESSFUL")
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
    assert server.execute(locks) == [(1,)]
    server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    server.wait_for(server.add_task(), "SUCCESSFUL")
    assert server.execute(locks) == [(1,)]
    assert "Traceback" not in (tmp_path / "worker.log").read_text()


def test_a_worker_that_is_told_to_end_while_it_commits_ends_without_an_error(monkeypatch, settings):
    """The handler of the signal raises SystemExit between the statement and its result."""

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

    def commit():
        connection.connection.pgconn.send_query(b"COMMIT")
        signal.raise_signal(signal.SIGTERM)

    def run(worker):
        with transaction.atomic():
            DBTaskResult.objects.exists()
            monkeypatch.setattr(connection, "_commit", commit)

    monkeypatch.setattr(Worker, "run", run)
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)}
    try:
        with pytest.raises(SystemExit) as ended:
            call_command("db_worker", reload=False)
    finally:
        connection.close()
        for each, handler in handlers.items():
            signal.signal(each, handler)
    assert ended.value.code == 0
