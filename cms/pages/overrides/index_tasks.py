"""Tasks that update the indexes of an object: there is nothing left to do for one that was deleted meanwhile.

Replaces: the functions of `wagtail.tasks.update_reference_index_task` and
    `modelsearch.tasks.insert_or_update_object_task`, which fail without the row.
Why no hook serves: a worker finds the tasks by their path, and counts each error of a task as a failure.
Written for: Wagtail 8.0, modelsearch 1.3, django-tasks 0.12.
Upstream issue: none found.
Test that fails when upstream changes: tests/delivery/test_tasks.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.apps import apps
from modelsearch.tasks import insert_or_update_object_task
from wagtail.tasks import update_reference_index_task


def end_tasks_of_deleted_objects() -> None:
    """Let the tasks succeed without the row of their object."""
    for task in (update_reference_index_task, insert_or_update_object_task):
        object.__setattr__(task, "func", _unless_deleted(task.func))  # The class of tasks is frozen.


def _unless_deleted(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def update_unless_deleted(app_label: str, model_name: str, pk: Any) -> None:
        model: Any = apps.get_model(app_label, model_name)
        try:
            function(app_label, model_name, pk)
        except model.DoesNotExist:
            if model._base_manager.filter(pk=pk).exists():
                raise

    return update_unless_deleted
