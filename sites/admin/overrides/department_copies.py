"""Copies and aliases of pages stay in the department of the page, whatever code makes them.

Replaces: `check` of Wagtail's actions that copy a page, or make an alias of it, by functions that call the original.
Why no hook serves: the hook of copies runs in the view of the admin, but not in the admin's API.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/isolation/test_copies_between_departments.py.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction

from sites.access.foreign_references import refuse_change_of_department
from sites.access.ownership import CONTAINER_PATH_LENGTH


def keep_copies_in_department() -> None:
    """Let the actions raise ValidationError. To be called once, when the applications are ready."""
    _check_after(CopyPageAction, "to")
    _check_after(CreatePageAliasAction, "parent")


def _check_after(action_class: Any, name: str) -> None:
    original = action_class.check

    @wraps(original)
    def check(action: Any, *args: Any, **kwargs: Any) -> None:
        original(action, *args, **kwargs)
        page, parent = action.page, getattr(action, name)
        # Without a query for a place below the same container.
        if parent is not None and parent.path[:CONTAINER_PATH_LENGTH] != page.path[:CONTAINER_PATH_LENGTH]:
            refuse_change_of_department(page, parent)

    action_class.check = check
