"""The state of an instance: waiting and failed work, and the lag of the index. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from cms.delivery.change_feed import newest_position
from cms.delivery.models import PublishedDocument, ScheduledRun
from cms.delivery.publication_health import stuck_pages, waiting_requests
from cms.locks import ProcessLock
from cms.management.task_recovery import abandoned_tasks
from cms.translations.drafts.draft_errors import PROBLEMS as DRAFT_PROBLEMS
from cms.translations.models import DraftState, MachineDraft, RequestedTranslation, TranslationUpdate
from search.engines import get_live_engine, index_store
from search.engines.contract import EngineUnavailable
from search.indexing.feed_position import difference_of_position
from search.indexing.rebuild import REBUILD_LOCK
from search.models import IndexCursor, UnindexedDocument
from sites.mail.models import OutgoingMessage

# Work that waits for longer is a problem: nothing processes it.
LONGEST_WAIT = timedelta(minutes=10)
# A mail server that refuses unknown senders at first lets them wait for some minutes.
LONGEST_MAIL_WAIT = timedelta(minutes=30)
# Failed tasks are a problem for this time.
FAILURES_SINCE = timedelta(days=1)
LONGEST_PAUSES = {"publish_scheduled": timedelta(minutes=10), "nightly": timedelta(days=2)}
MAX_LISTED = 20


class InstanceStatus:
    """The state at one moment: a dictionary for JSON, and the problems as sentences."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.problems: list[str] = []
        self.data: dict[str, Any] = {
            "publication": self._publication(),
            "translations": self._translations(),
            "tasks": self._tasks(),
            "mail": self._mail(),
            "index": self._index(),
            "scheduled": dict(self._scheduled_runs()),
        }

    def as_json(self) -> dict[str, Any]:
        return {"ok": not self.problems, "problems": self.problems, **self.data}

    def _publication(self) -> dict[str, Any]:
        number, oldest = waiting_requests()
        stuck = stuck_pages()
        if self._waits_too_long(oldest):
            self.problems.append(f"{number} refresh requests wait, the oldest since {oldest:%Y-%m-%d %H:%M:%S} UTC")
        if stuck:
            self.problems.append(f"the documents of {len(stuck)} pages cannot be written")
        return {
            "waiting": number,
            "oldest_waiting_seconds": self._seconds(oldest),
            "stuck": len(stuck),
            "stuck_pages": [{"page": page_id, "error": error} for page_id, error in list(stuck.items())[:MAX_LISTED]],
        }

    def _translations(self) -> dict[str, Any]:
        waiting = TranslationUpdate.objects.filter(attempts=0)
        oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
        failed = TranslationUpdate.objects.exclude(attempts=0).order_by("pk")
        errors = dict(failed.values_list("source_id", "error"))
        if self._waits_too_long(oldest):
            self.problems.append(f"{waiting.count()} updates of translations wait")
        if errors:
            self.problems.append(f"the translations of {len(errors)} contents cannot be updated")
        return {
            "waiting": waiting.count(),
            "oldest_waiting_seconds": self._seconds(oldest),
            "failed": [{"source": source, "error": error} for source, error in list(errors.items())[:MAX_LISTED]],
            "requested": self._requested_translations(),
            "machine": self._machine_drafts(),
        }

    def _requested_translations(self) -> dict[str, Any]:
        waiting = RequestedTranslation.objects.filter(attempts=0)
        oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
        failed = RequestedTranslation.objects.exclude(attempts=0).order_by("pk")
        number = failed.count()
        if self._waits_too_long(oldest):
            self.problems.append(f"{waiting.count()} requested translations wait")
        if number:
            self.problems.append(f"{number} requested translations cannot be made")
        return {
            "waiting": waiting.count(),
            "oldest_waiting_seconds": self._seconds(oldest),
            "failed": list(failed.values("page", "locale", "error")[:MAX_LISTED]),
        }

    def _machine_drafts(self) -> dict[str, Any]:
        """Return the open drafts and the last failed ones. Errors that a department mends are no problem here."""
        due = MachineDraft.objects.due()
        oldest = due.aggregate(oldest=Min("next_attempt_at"))["oldest"]
        failed = MachineDraft.objects.filter(state=DraftState.FAILED, finished_at__gt=self.now - FAILURES_SINCE)
        number = failed.filter(error__in=DRAFT_PROBLEMS).count()
        if self._waits_too_long(oldest):
            self.problems.append(f"{due.count()} machine drafts wait: does the worker of the queue machine run?")
        if number:
            self.problems.append(f"{number} machine drafts have failed since yesterday")
        shown = failed.order_by("-finished_at", "pk").values("translation", "service", "error")
        return {
            "open": MachineDraft.objects.open().count(),
            "oldest_due_seconds": self._seconds(oldest),
            "failed": list(shown[:MAX_LISTED]),
        }

    def _tasks(self) -> dict[str, Any]:
        queues = DBTaskResult.objects.ready().order_by().values("queue_name")
        waiting = {
            row["queue_name"]: {"count": row["count"], "oldest_seconds": self._seconds(row["oldest"])}
            for row in queues.annotate(count=Count("pk"), oldest=Min("enqueued_at"))
        }
        for queue, state in waiting.items():
            if (state["oldest_seconds"] or 0) > LONGEST_WAIT.total_seconds():
                self.problems.append(f"{state['count']} tasks wait in the queue {queue}: does its worker run?")
        abandoned = {task.pk for task in abandoned_tasks()}
        if abandoned:
            self.problems.append(f"the workers of {len(abandoned)} running tasks have ended")
        failed = DBTaskResult.objects.failed().filter(finished_at__gt=self.now - FAILURES_SINCE)
        number = failed.count()
        if number:
            self.problems.append(f"{number} tasks have failed since yesterday")
        return {
            "waiting": waiting,
            "running": [
                {
                    "task": task.task_path,
                    "seconds": self._seconds(task.started_at),
                    "is_abandoned": task.pk in abandoned,
                }
                for task in DBTaskResult.objects.running()[:MAX_LISTED]
            ],
            "failed": number,
            "failed_tasks": [
                {"task": task.task_path, "seconds_ago": self._seconds(task.finished_at), "error": _last_line(task)}
                for task in failed.order_by("-finished_at")[:MAX_LISTED]
            ],
        }

    def _mail(self) -> dict[str, Any]:
        waiting = OutgoingMessage.objects.filter(state=OutgoingMessage.State.WAITING)
        failed = OutgoingMessage.objects.filter(state=OutgoingMessage.State.FAILED).count()
        oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
        if failed:
            self.problems.append(f"{failed} e-mails could not be sent (manage.py outgoing_mail)")
        if oldest is not None and self.now - oldest > LONGEST_MAIL_WAIT:
            self.problems.append(f"{waiting.count()} e-mails wait, the oldest since {oldest:%Y-%m-%d %H:%M:%S} UTC")
        return {"waiting": waiting.count(), "oldest_waiting_seconds": self._seconds(oldest), "failed": failed}

    def _index(self) -> dict[str, Any]:
        state: dict[str, Any] = {"engine": index_store().capabilities["engine"]}
        newest = newest_position()
        try:
            engine = get_live_engine()
            cursor = IndexCursor.objects.filter(index=engine.name).first() or IndexCursor(index=engine.name)
            reason = difference_of_position(engine, cursor, newest)
            missing, unavailable = engine.missing_languages(), engine.unavailable_languages()
        except EngineUnavailable as error:
            if newest.last:
                self.problems.append(f"search does not answer: {error}")
            return {**state, "error": str(error)}
        behind = PublishedDocument.objects.filter(sequence__gt=cursor.sequence)
        oldest = behind.aggregate(oldest=Min("changed_at"))["oldest"]
        if reason:
            self.problems.append(f"the search index must be rebuilt: {reason}")
        elif missing:
            self.problems.append(f"the search index has lost the languages {', '.join(missing)}")
        elif unavailable:
            self.problems.append(f"search does not answer in the languages {', '.join(unavailable)}")
        elif self._waits_too_long(oldest):
            self.problems.append(f"the search index is {newest.last - cursor.sequence} changes behind")
        failed = UnindexedDocument.objects.filter(index=engine.name).order_by("pk")
        number = failed.count()
        if number:
            self.problems.append(f"{number} documents cannot be indexed")
        return {
            **state,
            "name": engine.name,
            "failed": number,
            "failed_documents": [{"document": str(row), "error": row.error} for row in failed[:MAX_LISTED]],
            "epoch": str(newest.epoch or ""),
            "lag": max(0, newest.last - cursor.sequence),
            "lag_seconds": self._seconds(oldest),
            "refused_versions": cursor.refused_versions,
            "rebuild_reason": reason,
            "missing_languages": missing,
            "unavailable_languages": unavailable,
            "is_rebuilding": ProcessLock(REBUILD_LOCK).is_taken(),
        }

    def _scheduled_runs(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        runs = {run.command: run for run in ScheduledRun.objects.all()}
        for command, longest_pause in LONGEST_PAUSES.items():
            run = runs.get(command)
            if run is None:
                self.problems.append(f"{command} has never run")
                yield command, None
                continue
            if self.now - run.started_at > longest_pause:
                self.problems.append(f"{command} ran last at {run.started_at:%Y-%m-%d %H:%M:%S} UTC")
            elif run.finished_at is None and not ProcessLock(command).is_taken():
                self.problems.append(
                    f"{command} was ended at {run.started_at:%Y-%m-%d %H:%M:%S} UTC before it finished"
                )
            elif run.error:
                self.problems.append(f"{command} had errors: {run.error.splitlines()[0]}")
            yield (
                command,
                {
                    "started_at": run.started_at.isoformat(timespec="seconds"),
                    "finished_at": run.finished_at.isoformat(timespec="seconds") if run.finished_at else None,
                    "error": run.error,
                },
            )

    def _waits_too_long(self, oldest: datetime | None) -> bool:
        return oldest is not None and self.now - oldest > LONGEST_WAIT

    def _seconds(self, since: datetime | None) -> int | None:
        return None if since is None else max(0, int((self.now - since).total_seconds()))


def _last_line(task: DBTaskResult) -> str:
    lines = task.traceback.strip().splitlines()
    return lines[-1][:300] if lines else task.exception_class_path
