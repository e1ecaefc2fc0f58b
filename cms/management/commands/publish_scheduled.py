"""Command `publish_scheduled`: publishes and withdraws due pages. Replaces Wagtail's command of the same name.

Wagtail's command stops at the first page that cannot be published, for instance because its consent has ended, and the
pages of all other departments then wait for it. This command continues, prints the failures and exits with status 1.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cms.management.scheduled_publication import ScheduledPublication


class Command(BaseCommand):
    help = "Publish and withdraw pages that are due, and bring documents up to date. Run it every minute or so."

    def handle(self, *args: Any, **options: Any) -> None:
        publication = ScheduledPublication()
        publication.run()
        for subject in publication.completed:
            self.stdout.write(f"“{subject}” done")
        if publication.failures:
            raise CommandError("\n".join(publication.failures))
