"""Repetition of what a slow factory writes: recorded once in a process, executed again for each following test.

A test that makes a department executes almost 600 queries, and nearly every test makes one. The rows depend on nothing
but the arguments and the rows that exist already, so the statements that wrote them can be executed again. On
PostgreSQL they get the same primary keys, because the sequences are set to the values that they had at the recording.
"""

import datetime
import functools
import pickle
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import time_machine
from django.conf import UserSettingsHolder, settings
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import get_language

from cms.delivery import refresh_requests
from cms.delivery.models import RefreshRequest
from tests.sequences import Sequences, changed_sequences, read_sequences, set_sequences
from tests.stored_files import noted_files

Parameters = ParamSpec("Parameters")
Made = TypeVar("Made")

KEPT_RECORDINGS = 300
# Settings of the search index, which no factory reads or writes.
IRRELEVANT_SETTINGS = ("SEARCH_FOLDER", "ELASTICSEARCH_PREFIX")
WRITES = ("INSERT", "UPDATE", "DELETE")
# Statements that need not be executed again; any other one prevents the recording.
HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE")


@dataclass
class Recording:
    """The statements that a factory executed, the files that it stored, its callbacks, and its pickled result.

    `own_pages` are the pages that it queued as the editor's own (`cms.delivery.refresh_requests`). `sequences` has the
    values, before the statements, of the sequences that they increment (PostgreSQL). `hash_afterwards` is the hash of
    the database after the statements, once it is known.
    """

    sequences: Sequences
    statements: list[tuple[str, Any, bool]]
    files: dict[Path, bytes]
    callbacks: list[Callable[[], None]]
    own_pages: set[int]
    result: bytes
    hash_afterwards: int | None = None

    def execute(self) -> Any:
        """Write the rows and files again, schedule the callbacks that are not scheduled yet, and return the result."""
        set_sequences(self.sequences)
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, parameters, many in self.statements:
                (cursor.executemany if many else cursor.execute)(sql, parameters)
        for path, content in self.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        scheduled = [entry[1] for entry in connection.run_on_commit]
        for callback in self.callbacks:
            if callback not in scheduled:
                transaction.on_commit(callback)
        refresh_requests._own_pages.ids |= self.own_pages
        if RefreshRequest.objects.exists():
            # The recorded callbacks are of calls that have been served, so they do nothing.
            refresh_requests.schedule_processing()
        caches["default"].clear()  # As the signals of the saved rows do for what they cache.
        return pickle.loads(self.result)  # noqa: S301


_recordings: OrderedDict[Any, Recording] = OrderedDict()


class LatestRecording:
    """The latest recording of this test, which tells the hash of the database as long as nothing else is written."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Forget it, at the start of a test: the end of a test rolls back without counting as a change."""
        self._recording: Recording | None = None
        self._moment: tuple[Any, ...] | None = None

    def note(self, recording: Recording) -> None:
        """Store the recording whose statements have just been executed."""
        self._recording, self._moment = recording, _moment()

    def hash_now(self) -> int:
        """Return the hash of the database, without reading it where that is known."""
        if self._recording is None or self._moment is None or self._moment != _moment():
            return database_hash()
        if self._recording.hash_afterwards is None:
            self._recording.hash_afterwards = database_hash()
        return self._recording.hash_afterwards


def _moment() -> tuple[Any, ...] | None:
    """Return the number of changed rows and the savepoints, which stay as they are while nothing is written.

    PostgreSQL does not count the changes of a connection: return None.
    """
    if connection.vendor == "postgresql":
        return None
    return connection.connection.total_changes, *connection.savepoint_ids


_latest = LatestRecording()
forget_latest_recording = _latest.forget


def recorded(factory: Callable[Parameters, Made]) -> Callable[Parameters, Made]:
    """Execute the recorded statements of an earlier call instead of the factory, where both must write the same.

    That is so if the arguments, the overridden settings and every row of the database are the same. A test that
    commits, travels in time or observes the statements calls the factory.
    """

    @functools.wraps(factory)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Made:
        is_observed = connection.queries_logged or connection.execute_wrappers
        if not connection.in_atomic_block or is_observed or time_machine.escape_hatch.is_travelling():
            return factory(*args, **kwargs)
        try:
            arguments = _identity((args, kwargs))
        except TypeError:
            return factory(*args, **kwargs)
        key = (factory.__qualname__, arguments, get_language(), _overridden_settings(), _latest.hash_now())
        if key in _recordings:
            _recordings.move_to_end(key)
            made = _recordings[key].execute()
            _latest.note(_recordings[key])
            return made
        made, recording = _record(functools.partial(factory, *args, **kwargs))
        if recording is not None:
            _recordings[key] = recording
            _latest.note(recording)
            if len(_recordings) > KEPT_RECORDINGS:
                _recordings.popitem(last=False)
        return made

    return call


def _overridden_settings() -> str:
    """Return the settings that the test overrides, and their values."""
    overridden: dict[str, Any] = {}
    holder: Any = settings._wrapped  # type: ignore[misc]
    while isinstance(holder, UserSettingsHolder):
        overridden = vars(holder) | overridden
        holder = holder.default_settings
    names = sorted(name for name in overridden if name.isupper() and name not in IRRELEVANT_SETTINGS)
    return repr([(name, overridden[name]) for name in names])


def _identity(value: Any) -> Any:
    """Return a hashable value that is the same for equal arguments. Raise TypeError for an object of another kind."""
    if isinstance(value, Model):
        if value.pk is None:
            raise TypeError("an unsaved object has no identity")
        return type(value), value.pk
    if isinstance(value, dict):
        return dict, tuple((name, _identity(member)) for name, member in sorted(value.items()))
    if isinstance(value, (list, tuple)):
        return type(value), tuple(_identity(member) for member in value)
    if isinstance(value, ContentFile):
        content = value.open().read()
        value.seek(0)
        return type(value), value.name, content
    if isinstance(value, type) or value is None:
        return value
    if isinstance(value, (str, bytes, bool, int, float, Decimal, datetime.date, datetime.time, uuid.UUID)):
        return type(value), value
    raise TypeError(f"{type(value)} has no identity")


def database_hash() -> int:
    """Return a number that is the same, in this process, for databases with the same rows.

    On SQLite the counters of primary keys are rows too.
    """
    return _hash_of_postgresql() if connection.vendor == "postgresql" else _hash_of_sqlite()


def _hash_of_postgresql() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall()]
        # Sums, because the order of the rows is not defined.
        sums = [
            f"(SELECT sum(hashtextextended(row::text, 0)) FROM {connection.ops.quote_name(table)} row)"  # noqa: S608
            for table in tables
        ]
        cursor.execute(f"SELECT {', '.join(sums)}")
        return hash((tuple(tables), cursor.fetchone()))


def _hash_of_sqlite() -> int:
    with connection.cursor() as cursor:
        # Not the virtual tables of full text: what they hold is in their shadow tables and in the indexed rows.
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%%'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            rows.append(tuple(cursor.fetchall()))
    return hash((tuple(tables), tuple(rows)))


def _record(factory: Callable[[], Made]) -> tuple[Made, Recording | None]:
    """Return what the factory makes, and the recording; None if it cannot be repeated."""
    statements: list[tuple[str, Any, bool]] = []
    is_repeatable = True

    def record(execute, sql, parameters, many, context):
        nonlocal is_repeatable
        result = execute(sql, parameters, many, context)
        if sql.lstrip().startswith(WRITES):
            statements.append((sql, parameters, many))
        elif not sql.lstrip().startswith(HARMLESS):
            is_repeatable = False
        return result

    scheduled, own_pages = len(connection.run_on_commit), set(refresh_requests._own_pages.ids)
    sequences = read_sequences() if connection.vendor == "postgresql" else {}
    with connection.execute_wrapper(record), noted_files() as files:
        made = factory()
    callbacks = [entry[1] for entry in connection.run_on_commit[scheduled:]]
    try:
        result = pickle.dumps(made)
    except (AttributeError, TypeError, pickle.PicklingError):
        return made, None
    if not is_repeatable:
        return made, None
    incremented = changed_sequences(sequences) if sequences else {}
    stored = {path: path.read_bytes() for path in files if path.exists()}
    queued = refresh_requests._own_pages.ids - own_pages
    return made, Recording(incremented, statements, stored, callbacks, queued, result)
