"""A copy, or an alias, of one page of a tree below the copy of its parent, without validation.

Replaces: no code, but calls `CopyPageAction._copy_page` of Wagtail with a place in the tree, as its recursion does, and
    gives `CreatePageAliasAction` such a place.
Why no hook serves: both actions copy a whole tree in one transaction, and validate a page that they copy alone: a draft
    may lack what a published page needs.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/admin/test_divided_changes.py.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page


def copy_to(page: Page, parent: Page, *, is_alias: bool, keep_live: bool, user: Any) -> Page:
    """Copy a page, without those below it, as the last child of `parent`; return the copy. Checks no permission."""
    last = parent.get_last_child()
    depth = parent.depth + 1
    place = (last._inc_path() if last is not None else Page._get_path(parent.path, depth, 1), depth)
    if is_alias:
        alias = CreatePageAliasAction(page.specific, parent=parent, user=user, _mpnode_attrs=place)
        copy: Page = alias.execute(skip_permission_checks=True)
    else:
        action = CopyPageAction(page=page, to=parent, keep_live=keep_live, user=user)
        copy = action._copy_page(page, to=parent, _mpnode_attrs=place)
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + 1)
    return copy
