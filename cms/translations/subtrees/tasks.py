"""The task that runs after a page was sent to translation with the pages below it."""

from django_tasks import task

from .requested_pages import process_requested_translations


@task()
def translate_requested_pages() -> int:
    """Process all requested translations; return their number."""
    return process_requested_translations()
