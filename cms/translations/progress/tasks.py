"""The task that runs after a change of a source or of a translation."""

from django_tasks import task

from .updates import process_updates


@task()
def update_translations() -> int:
    """Process all requested updates; return the number of sources."""
    return process_updates()
