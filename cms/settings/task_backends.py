"""The backends of background tasks, by the setting TASKS_BACKEND."""

from typing import Any

QUEUES = ["default", "mail", "index", "machine"]
# Without a worker: those that have a thread of their own.
THREADS = ("background", "documents", "mail", "machine")


def task_backends(kind: str) -> dict[str, dict[str, Any]]:
    """Return TASKS: threads of the process ("immediate"), or the queues of the database."""
    if kind == "database":
        return {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": QUEUES}}
    threads = {name: {"BACKEND": "cms.background.ThreadBackend", "QUEUES": QUEUES} for name in THREADS}
    return {"default": {"BACKEND": "cms.background.RequestBackend", "QUEUES": QUEUES}} | threads
