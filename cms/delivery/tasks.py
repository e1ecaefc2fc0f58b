"""The task that runs after the commit of a change."""

from django_tasks import task

from .publisher import process_refresh_requests

PRIORITY = 50  # before every other task of a worker


@task(priority=PRIORITY)
def refresh_documents() -> int:
    """Process all refresh requests; return the number of pages that were examined."""
    return process_refresh_requests()
