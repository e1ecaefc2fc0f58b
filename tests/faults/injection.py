"""Interrupts a function at its nth write or external call."""

import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

from django.core.files.storage import FileSystemStorage
from django.core.mail.backends.locmem import EmailBackend
from django.db import OperationalError, connection
from elastic_transport import ConnectionError as ClusterError
from elastic_transport import Transport

from cms.media.inspection import inspector
from search.engines.embedded.engine import EmbeddedEngine, EmbeddedStore
from search.indexing.file_texts import attachments

WRITES = ("INSERT", "UPDATE", "DELETE")
READS = ("SELECT",)
# Calls that leave the process, and the error that each raises when it fails.
CALLS = (
    (FileSystemStorage, "_save", OSError),
    (FileSystemStorage, "delete", OSError),
    (EmbeddedEngine, "apply", OSError),
    (EmbeddedEngine, "set_mark", OSError),
    (EmbeddedStore, "make_live", OSError),
    (EmbeddedStore, "remove", OSError),
    (EmailBackend, "send_messages", ConnectionError),
    (Path, "rename", OSError),
    (Path, "replace", OSError),
    (attachments, "extract_text", OSError),
    (inspector, "run", OSError),
)
# Calls that only read: like SELECTs, they are points of an error.
READING_CALLS = ((FileSystemStorage, "_open", OSError),)


# Without FAULTS=all a step that has many points fails at some of them only: of a death, and of an error.
EVERY_POINT = os.environ.get("FAULTS") == "all"
LIMIT = {True: 8, False: 4}


class Killed(BaseException):
    """The end of a process."""


class Injection:
    """Counts the points of a step, and fails at one of them.

    With `kill` the process is dead from then on: each later write and call raises as well. `happened` is the name
    of the point that failed; "" if the step ended before. `at` 0 never fails.
    """

    def __init__(self, at, *, kill):
        self.at, self.kill = at, kill
        self.names, self.happened = [], ""

    def reach(self, name, error):
        """Raise if this is the point that fails, or if the process is dead."""
        if self.happened:
            if self.kill:
                raise Killed(self.happened)
            return
        self.names.append(name)
        if len(self.names) == self.at:
            self.happened = name
            raise Killed(name) if self.kill else error(f"injected: {name}")

    def around_statement(self, execute, sql, params, many, context):
        if sql.startswith(WRITES if self.kill else WRITES + READS):
            self.reach(shape(sql), OperationalError)
        return execute(sql, params, many, context)

    @contextmanager
    def installed(self):
        with ExitStack() as stack:
            for owner, name, error in CALLS if self.kill else CALLS + READING_CALLS:
                stack.enter_context(mock.patch.object(owner, name, self._counted(owner, name, error)))
            stack.enter_context(mock.patch.object(Transport, "perform_request", self._request()))
            stack.enter_context(connection.execute_wrapper(self.around_statement))
            yield self

    def _counted(self, owner, name, error):
        original = getattr(owner, name)

        def counted(*args, **kwargs):
            self.reach(f"{owner.__name__.rpartition('.')[2]}.{name}", error)
            return original(*args, **kwargs)

        return counted

    def _request(self):
        original = Transport.perform_request

        def request(transport, method, target, **options):
            if method != "GET" or not self.kill:
                self.reach(f"{method} {target.partition('?')[0].rpartition('/')[2]}", ClusterError)
            return original(transport, method, target, **options)

        return request


def shape(sql):
    """Return the kind and the table of a statement."""
    return (
        " ".join(sql.split(" WHERE ")[0].replace("(", " ").split()[:3])
        if not sql.startswith("SELECT")
        else (f"SELECT{sql.partition(' FROM ')[2][:200]}")
    )


def run(step, injection):
    """Run a step; return the error with which it ended as text, "" if it succeeded. Its transactions are real."""
    try:
        with injection.installed():
            step()
    except (Killed, Exception) as error:
        return repr(error)  # Not the error: its frames would keep files and locks open.
    return ""


def interrupted(make_step, *, kill, limit=None):
    """Run a step once for each of its points; yield the injection and the error with which each run ended.

    `make_step(number)` prepares a change and returns the step. The first run is not interrupted and counts the points.
    Of points with the same name only the first and the last one fail, since a step may repeat statements. `limit` is
    the number of points of a slow step, instead of LIMIT.
    """
    counting = Injection(0, kill=kill)
    assert run(make_step(0), counting) == ""
    yield counting, ""
    last = {name: position for position, name in enumerate(counting.names, 1)}
    first = {name: position for position, name in reversed(list(enumerate(counting.names, 1)))}
    chosen = evenly_spread(sorted({*first.values(), *last.values()}), None if EVERY_POINT else limit or LIMIT[kill])
    assert chosen
    for position in chosen:
        injection = Injection(position, kill=kill)
        yield injection, run(make_step(position), injection)


def evenly_spread(points, limit):
    """Return at most `limit` of the points, the first and the last one among them."""
    if limit is None or len(points) <= limit:
        return points
    return [points[round(number * (len(points) - 1) / (limit - 1))] for number in range(limit)]
