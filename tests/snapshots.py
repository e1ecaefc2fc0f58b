"""Committed fixture data that is built once in a test session and copied for each module that uses it.

Building the demo, or two departments with an object of every kind, takes longer than most tests. The first module that
needs the data builds it and stores a copy of the database and of the files; the other modules, of all workers of
pytest-xdist, restore this copy. A copy is a file on SQLite, and a database of the same server on PostgreSQL.
"""

import fcntl
import os
import pickle
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.db import connection, transaction
from django.db.models import Model
from wagtail.models import Site

from . import migrated_rows
from .stored_files import file_folders

Built = TypeVar("Built")

FOLDER_VARIABLE = "TEST_SNAPSHOT_FOLDER"
MIGRATED = "migrations"
RESTORE_SECONDS = 60


def make_snapshot_folder() -> TemporaryDirectory[str] | None:
    """Create the folder of this session's snapshots, which worker processes inherit; None in such a process."""
    if FOLDER_VARIABLE in os.environ:
        return None
    folder = TemporaryDirectory(prefix="cms-snapshots-")
    os.environ[FOLDER_VARIABLE] = folder.name
    return folder


@contextmanager
def committed(name: str, build: Callable[[], Built]) -> Iterator[Built]:
    """Yield what `build` returns, with its rows committed; at the end restore the rows of the migrations.

    `build` runs in a transaction, once for each name in a session, and returns something that can be pickled.
    """
    save_migrated_rows()
    yield built_or_restored(name, build)
    restore_migrated_rows()


def save_migrated_rows() -> None:
    """Store the rows of the migrations, the only ones before the first test of a session that commits."""
    if connection.vendor == "postgresql":
        migrated_rows.keep()
        return
    with _locked(MIGRATED):
        if not _pickle(MIGRATED).exists():
            _save(MIGRATED, None)


def restore_migrated_rows() -> None:
    """Replace all rows by those of the migrations."""
    if connection.vendor == "postgresql":
        migrated_rows.restore()
        _forget_cached_rows()
    else:
        _restore_rows(MIGRATED)


def built_or_restored(name: str, build: Callable[[], Built]) -> Built:
    """Build and commit the data if no module of this session has, otherwise restore it; return what `build` returned.

    For a test that commits, since nothing removes the rows.
    """
    with _locked(name):
        if _pickle(name).exists():
            restored: Built = _restore(name)
            return restored
        with transaction.atomic():
            built = build()
        _save(name, built)
        return built


def reloaded(built: Any) -> Any:
    """Return fixture data with each model instance read again from the database."""
    if isinstance(built, Model):
        return type(built)._default_manager.get(pk=built.pk)
    if isinstance(built, SimpleNamespace):
        return SimpleNamespace(**{name: reloaded(value) for name, value in vars(built).items()})
    return built


def drop_snapshot_databases() -> None:
    """Drop the databases that hold this session's snapshots on PostgreSQL. Files go with their folder."""
    if connection.vendor == "postgresql" and FOLDER_VARIABLE in os.environ:
        connection.close()
        with connection._nodb_cursor() as cursor:
            for file in Path(os.environ[FOLDER_VARIABLE]).glob("*.database"):
                cursor.execute(f"DROP DATABASE IF EXISTS {file.read_text()}")


def _path(name: str) -> Path:
    return Path(os.environ[FOLDER_VARIABLE]) / name


def _pickle(name: str) -> Path:
    return _path(f"{name}.pickle")


@contextmanager
def _locked(name: str) -> Iterator[None]:
    with _path(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Closing the file releases it.
        yield


def _save(name: str, built: object) -> None:
    """Store the database, the files and `built`. The pickle comes last: it says that the snapshot is complete."""
    for kind, folder in file_folders().items():
        if folder.exists():
            shutil.copytree(folder, _path(name) / kind, dirs_exist_ok=True)
    if connection.vendor == "postgresql":
        database = f"snapshot_test_{uuid4().hex}"
        _copy_postgresql(connection.settings_dict["NAME"], database)
        _path(f"{name}.database").write_text(database)
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(_path(f"{name}.sqlite3"))) as copy:
            connection.connection.backup(copy)
    _pickle(name).write_bytes(pickle.dumps(built))


def _restore(name: str) -> Any:
    _restore_rows(name)
    for kind, folder in file_folders().items():
        if (_path(name) / kind).exists():
            shutil.copytree(_path(name) / kind, folder, dirs_exist_ok=True)
    return pickle.loads(_pickle(name).read_bytes())  # noqa: S301


def _restore_rows(name: str) -> None:
    if connection.vendor == "postgresql":
        _copy_postgresql(_path(f"{name}.database").read_text(), connection.settings_dict["NAME"])
    else:
        connection.ensure_connection()
        with closing(sqlite3.connect(_path(f"{name}.sqlite3"))) as copy:
            copy.backup(connection.connection, progress=_within_seconds(RESTORE_SECONDS))
    _forget_cached_rows()


def _forget_cached_rows() -> None:
    """Empty the caches of what the database held before."""
    caches["default"].clear()
    # With an empty cache, the signals of the rows that the next test restores would create content types of their own.
    ContentType.objects.clear_cache()
    ContentType.objects.get_for_models(*apps.get_models(), for_concrete_models=False)
    Site.clear_site_root_paths_cache()


def _within_seconds(seconds: float) -> Callable[[int, int, int], None]:
    """Return a function that raises TimeoutError when it is called too late: SQLite waits for locks without end."""
    end = time.monotonic() + seconds

    def check(status: int, remaining: int, total: int) -> None:
        if time.monotonic() > end:
            raise TimeoutError("another connection keeps the test database locked")

    return check


def _copy_postgresql(source: str, target: str) -> None:
    """Replace a database by a copy of another. Every connection to either ends; Django connects again by itself."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(target)} WITH (FORCE)")
        cursor.execute(
            f"CREATE DATABASE {connection.ops.quote_name(target)} TEMPLATE {connection.ops.quote_name(source)}"
        )
