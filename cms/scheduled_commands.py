"""Commands that run regularly or delete by date: only while the clock can be trusted.

A clock that is wrong does what nobody can undo: pages go online before their time, and rows are deleted that had to be
kept. So a scheduled command compares the clock with that of the database and with the last scheduled run.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from .delivery.models import ScheduledRun
from .locks import ExclusiveCommand

# The clocks of two machines may differ by this much.
TOLERANCE = timedelta(minutes=1)
# A longer pause of the scheduled commands may be an outage, or a clock that is wrong: a person has to say which.
LONGEST_PAUSE = timedelta(days=1)
# A run that has lasted longer keeps the next ones from starting, which is then an error.
LONGEST_RUN = timedelta(minutes=15)


class ClockRefused(CommandError):
    """Raised when the clock of this machine cannot be trusted; the message says why and what to do."""


def check_clock() -> None:
    """Raise ClockRefused if the clock differs from the database's, or is far from the last scheduled run."""
    now = timezone.now()
    if reason := _difference_from_database(now) or _distance_from_last_run(now):
        raise ClockRefused(f"{reason} Nothing was done. Set the clock right; if it is right, add --accept-clock once.")


def _difference_from_database(now: datetime) -> str:
    """Return a sentence if the clock of the database server differs. SQLite has the clock of this machine."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        database = cursor.fetchone()[0]
    if abs(database - now) <= TOLERANCE:
        return ""
    return f"The clock of this machine says {_text(now)}, and that of the database {_text(database)}."


def _distance_from_last_run(now: datetime) -> str:
    last = ScheduledRun.objects.order_by("-started_at").first()
    if last is None or -TOLERANCE <= now - last.started_at <= LONGEST_PAUSE:
        return ""
    return f"The clock says {_text(now)}, and {last.command} ran last at {_text(last.started_at)}."


def _text(time: datetime) -> str:
    return timezone.localtime(time).isoformat(sep=" ", timespec="seconds")


class ClockCheckedCommand(BaseCommand):
    """A command that deletes by date. It refuses a clock that cannot be trusted, unless `--accept-clock` is given.

    It may come before an upstream command in the bases of a class.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        add_accept_clock(parser)

    def handle(self, *args: Any, accept_clock: bool = False, **options: Any) -> str | None:
        if not accept_clock:
            check_clock()
        return super().handle(*args, **options)


def add_accept_clock(parser: CommandParser) -> None:
    """Add the option `--accept-clock` to a command that calls `check_clock`."""
    parser.add_argument(
        "--accept-clock",
        action="store_true",
        help="run although the clock is far from the last scheduled run or from the database's clock",
    )


class ScheduledCommand(ExclusiveCommand):
    """A command that runs regularly. `run` does the work and returns the lines of what failed."""

    def add_arguments(self, parser: CommandParser) -> None:
        add_accept_clock(parser)

    def handle(self, *args: Any, accept_clock: bool, **options: Any) -> None:
        if not accept_clock:
            check_clock()
        self._record(started_at=timezone.now(), finished_at=None, error="")
        try:
            failures = self.run()
        except Exception as error:
            self._record(finished_at=timezone.now(), error=f"{type(error).__name__}: {error}")
            raise
        self._record(finished_at=timezone.now(), error="\n".join(failures))
        if failures:
            raise CommandError("\n".join(failures))

    def run(self) -> list[str]:
        raise NotImplementedError

    def _record(self, **values: Any) -> None:
        ScheduledRun.objects.update_or_create(command=self.lock_name, defaults=values)

    def already_running(self) -> str:
        """Return a line: a run that takes longer than the pause between two runs is no error, unless it hangs."""
        last = ScheduledRun.objects.filter(command=self.lock_name).first()
        begun = last.started_at if last else timezone.now()
        if timezone.now() - begun > LONGEST_RUN:
            raise CommandError(f"another run of {self.lock_name} has not ended since {_text(begun)}")
        return f"another run of {self.lock_name} goes on; nothing was done"
