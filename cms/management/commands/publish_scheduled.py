"""Command `publish_scheduled`: publishes and withdraws due pages. Replaces Wagtail's command of the same name.

Wagtail's command stops at the first page that cannot be published, for instance because its consent has ended, and the
pages of all other departments then wait for it. This command continues, prints the failures and exits with status 1.
"""

from __future__ import annotations

from cms.delivery.publication_health import stuck_pages
from cms.management.scheduled_publication import ScheduledPublication
from cms.management.task_recovery import reclaim_abandoned_tasks
from cms.scheduled_commands import ScheduledCommand


class Command(ScheduledCommand):
    help = "Publish and withdraw pages that are due, and bring documents up to date. Run it every minute or so."
    lock_name = "publish_scheduled"

    def run(self) -> list[str]:
        """Publish what is due; return the failures, among them the pages whose document cannot be written."""
        for line in reclaim_abandoned_tasks():
            self.stderr.write(line)
        publication = ScheduledPublication()
        publication.run()
        for subject in publication.completed:
            self.stdout.write(f"“{subject}” done")
        stuck = [f"the document of page {page_id} is not written: {error}" for page_id, error in stuck_pages().items()]
        return publication.failures + stuck
