"""The task that runs after a page was sent to translation with the pages below it."""

from django.conf import settings
from django_tasks import task

from cms.background import enqueue_once
from cms.translations.models import RequestedTranslation

from .requested_pages import process_requested_translations

# Requests of one run: other tasks of the worker or thread run in between.
REQUESTS_PER_RUN = 50


def enqueue_requested_pages() -> None:
    """Enqueue the task if requests wait, unless it waits already. `publish_scheduled` repeats those that failed."""
    if RequestedTranslation.objects.filter(attempts=0).exists():
        enqueue_once(translate_requested_pages, settings.DOCUMENT_TASKS)


@task()
def translate_requested_pages() -> int:
    """Process some of the waiting requests and enqueue the task for the others; return the number of requests."""
    number = process_requested_translations(max_attempts=1, limit=REQUESTS_PER_RUN)
    enqueue_requested_pages()
    return number
