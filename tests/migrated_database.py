"""The migrated database that every test session starts from.

Running all migrations takes half a minute of processor time. The first session runs them once and keeps the result as a
template: a file in `build/` for SQLite, a database on the same server for PostgreSQL. Each worker of pytest-xdist and
each later session copies the template, until the migrations change.
"""

import fcntl
import hashlib
import inspect
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path

import django
import wagtail
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX
from django.db.migrations.loader import MigrationLoader

FOLDER = settings.BASE_DIR / "build" / "test-database"
# Templates of earlier states of the migrations, so that a change of branch need not run all of them again.
KEPT_TEMPLATES = 4
PREFIX = "template_test_"
# Any constant: the number of the advisory lock that sessions hold while they make or copy a template.
ADVISORY_LOCK = 715_205_112


def copy_migrated_database(*, rebuild: bool = False) -> None:
    """Put a migrated database where Django expects the test database of this process.

    The template is made if there is none for the present migrations, or if `rebuild` is true.
    """
    if connection.vendor == "postgresql":
        _copy_postgresql(PREFIX + migrations_digest(), rebuild)
    else:
        copy_migrated_file(Path(_test_name()), rebuild=rebuild)


def copy_migrated_file(target: Path, *, rebuild: bool = False) -> None:
    """Copy the migrated database of SQLite to `target`."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{PREFIX}{migrations_digest()}.sqlite3"
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # Closing the file releases it, the end of the process too.
        if rebuild or not file.exists():
            unfinished = FOLDER / "unfinished.sqlite3"
            _migrate(str(unfinished))  # The last connection merges the write-ahead log into the file.
            unfinished.replace(file)
        file.touch()
        by_age = sorted(FOLDER.glob(f"{PREFIX}*.sqlite3"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in by_age[KEPT_TEMPLATES:]:
            old.unlink()
        shutil.copyfile(file, target)


def drop_copy() -> None:
    """Remove the test database of this process. A file of SQLite goes with its temporary folder."""
    if connection.vendor == "postgresql":
        name = _test_name()
        connection.close()
        with connection._nodb_cursor() as cursor:
            # FORCE, because threads of a test may have left connections.
            cursor.execute(f"DROP DATABASE IF EXISTS {_quote(name)} WITH (FORCE)")


def migrations_digest() -> str:
    """Return twelve letters that change when an installed migration does, or what else decides on the first rows."""
    digest = hashlib.sha256(repr((django.VERSION, wagtail.VERSION, settings.LANGUAGE_CODE)).encode())
    for app in apps.get_app_configs():
        package, _is_explicit = MigrationLoader.migrations_module(app.label)
        with suppress(ModuleNotFoundError):
            folder = Path(inspect.getfile(import_module(str(package)))).parent
            for file in sorted(folder.glob("*.py")):
                digest.update(f"{app.label}/{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _migrate(name: str) -> None:
    """Create the database `name` with all migrations applied, and disconnect from it."""
    original, test_name = connection.settings_dict["NAME"], _test_name()
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["TEST"]["NAME"] = test_name
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = original


def _test_name() -> str:
    database = connection.settings_dict
    return database["TEST"]["NAME"] or TEST_DATABASE_PREFIX + database["NAME"]


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _copy_postgresql(template: str, rebuild: bool) -> None:
    with _advisory_lock() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [PREFIX.replace("_", r"\_") + "%"])
        existing = {name for (name,) in cursor.fetchall()}
        if rebuild or template not in existing:
            # One template a server: which of the others is still in use is not known.
            for name in existing:
                cursor.execute(f"DROP DATABASE {_quote(name)} WITH (FORCE)")
            unfinished = f"{PREFIX}unfinished"
            _migrate(unfinished)
            cursor.execute(f"ALTER DATABASE {_quote(unfinished)} RENAME TO {_quote(template)}")
        copy = _quote(_test_name())
        cursor.execute(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {_quote(template)}")


@contextmanager
def _advisory_lock() -> Iterator:
    """Yield a cursor outside the test database while no other session makes or copies a template on the server."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        # The end of the connection releases the lock.
        yield cursor
