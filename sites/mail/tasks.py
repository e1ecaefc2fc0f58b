"""The task that sends the messages of the outbox, in a queue of its own: it cannot hold publication."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django_tasks import task, task_backends

from .delivery import send_due_messages

MAIL_QUEUE = "mail"


def schedule_delivery() -> None:
    """Enqueue the task after the commit, or immediately outside a transaction."""
    transaction.on_commit(_enqueue)


def _enqueue() -> None:
    deliver_messages.using(backend=settings.MAIL_TASKS).enqueue()


@task(queue_name=MAIL_QUEUE)
def deliver_messages() -> None:
    """Send the messages that are due, and run again at the next attempt of those that could not be sent."""
    retry_at = send_due_messages()
    if retry_at is not None and task_backends[settings.MAIL_TASKS].supports_defer:
        deliver_messages.using(backend=settings.MAIL_TASKS, run_after=retry_at).enqueue()
