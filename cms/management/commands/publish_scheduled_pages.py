"""Command `publish_scheduled_pages`: the old name of `publish_scheduled`.

Wagtail's command of this name would run Wagtail's own publication, without the lock and with any clock.
"""

from __future__ import annotations

from .publish_scheduled import Command as PublishScheduledCommand


class Command(PublishScheduledCommand):
    pass
