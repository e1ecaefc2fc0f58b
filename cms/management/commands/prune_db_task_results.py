"""Command `prune_db_task_results`: django-tasks-db's command that deletes old results, after a check of the clock."""

from __future__ import annotations

from django_tasks_db.management.commands import prune_db_task_results

from cms.scheduled_commands import ClockCheckedCommand


class Command(ClockCheckedCommand, prune_db_task_results.Command):  # type: ignore[misc]
    pass
