"""Command `purge_revisions`: Wagtail's command that deletes old revisions, after a check of the clock."""

from __future__ import annotations

from wagtail.management.commands import purge_revisions

from cms.scheduled_commands import ClockCheckedCommand


class Command(ClockCheckedCommand, purge_revisions.Command):
    pass
