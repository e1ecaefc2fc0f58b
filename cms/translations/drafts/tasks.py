"""The task that drafts texts by machine, in a queue of its own: a slow service holds neither publication nor mail."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django_tasks import task, task_backends

from cms.background import enqueue_once
from cms.translations.models import DraftState, MachineDraft

from .draft_runs import process_drafts

MACHINE_QUEUE = "machine"
# A run ends after these seconds, and enqueues the next one: a worker that is told to end waits for one portion only.
SECONDS_OF_RUN = 30


def enqueue_drafts() -> None:
    """Enqueue the task if a draft is due, unless it waits already. `publish_scheduled` does it too, after a crash."""
    if MachineDraft.objects.due().exists():
        enqueue_once(draft_by_machine, settings.MACHINE_TASKS)


@task(queue_name=MACHINE_QUEUE)
def draft_by_machine() -> int:
    """Draft some portions of texts; return their number. Run again for the others, at once or at their time."""
    number = process_drafts(seconds=SECONDS_OF_RUN)
    enqueue_drafts()
    waiting = MachineDraft.objects.filter(state=DraftState.WAITING, next_attempt_at__gt=timezone.now())
    retry_at = waiting.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    if retry_at is not None and task_backends[settings.MACHINE_TASKS].supports_defer:
        enqueue_once(draft_by_machine, settings.MACHINE_TASKS, run_after=retry_at)
    return number
