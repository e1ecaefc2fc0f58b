"""Work that follows a commit."""

from django_tasks import task

from .publisher import process_refresh_requests


@task()
def refresh_documents() -> int:
    """Bring the published documents up to date; returns how many pages were looked at."""
    return process_refresh_requests()
