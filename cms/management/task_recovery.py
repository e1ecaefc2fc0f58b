"""Recovery of background tasks whose worker process has ended: they run again, or fail after several workers."""

from __future__ import annotations

import logging

from django.db import transaction
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from cms.locks import ProcessLock

logger = logging.getLogger(__name__)

# A task during which this many workers have ended may itself end them, so it is not started again.
MAXIMUM_WORKERS = 3


class WorkerEnded(Exception):
    """Stored as the error of a task during which MAXIMUM_WORKERS workers have ended."""


def worker_lock(worker_id: str) -> ProcessLock:
    """Return the lock that a worker holds as long as it runs."""
    return ProcessLock(f"task worker {worker_id}")


def abandoned_tasks() -> list[DBTaskResult]:
    """Return the tasks with the state RUNNING whose worker has ended. Nothing is written."""
    return [task for task in DBTaskResult.objects.running() if not worker_lock(_last_worker(task)).is_taken()]


def reclaim_abandoned_tasks() -> list[str]:
    """Put the tasks of ended workers back into their queue; return a line for each.

    All tasks of the product are idempotent. A task during which MAXIMUM_WORKERS workers have ended is stored as failed.
    """
    lines = []
    for abandoned in abandoned_tasks():
        with transaction.atomic():
            task = DBTaskResult.objects.select_for_update().filter(pk=abandoned.pk).first()
            if task is None or task.status != TaskResultStatus.RUNNING or task.worker_ids != abandoned.worker_ids:
                continue  # Another process has reclaimed it.
            if len(task.worker_ids) < MAXIMUM_WORKERS:
                DBTaskResult.objects.filter(pk=task.pk).update(status=TaskResultStatus.READY, started_at=None)
                lines.append(f"task {task.task_name} runs again: its worker has ended")
            else:
                task.set_failed(WorkerEnded(f"{MAXIMUM_WORKERS} workers ended while they ran the task"))
                lines.append(f"task {task.task_name} has failed: {MAXIMUM_WORKERS} workers ended while they ran it")
        logger.error("%s (%s)", lines[-1], task.pk)
    return lines


def _last_worker(task: DBTaskResult) -> str:
    return task.worker_ids[-1] if task.worker_ids else ""
