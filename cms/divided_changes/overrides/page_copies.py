"""A copy, or an alias, of one page of a tree below the copy of its parent, without validation of its fields.

Replaces: no code, but calls `CopyPageAction._copy_page` of Wagtail with a path in the tree, as its recursion does, and
    gives `CreatePageAliasAction` such a path.
Why no hook serves: both actions copy a whole tree in one transaction, and validate a page that they copy alone: a draft
    may lack what a published page needs.
Written for: Wagtail 8.0.
Upstream issue: none found.
Test that fails when upstream changes: tests/sites/admin/test_divided_changes.py.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.create_alias import CreatePageAliasAction
from wagtail.models import Page

from sites.admin.access_control.page_counts import too_many_aliases_message


def copy_to(page: Page, parent_key: int, *, is_alias: bool, keep_live: bool, user: Any) -> Page | None:
    """Copy a page, without those below it, as the last child of a page; return the copy. Checks no permission.

    If the copy exists already, because a request is sent twice, it is returned. Returns None if another page there has
    the slug of the page, or if the parent is missing. Raises ValidationError for an unfinished translation, and for too
    many aliases. To be called in a transaction, which locks the parent, and the original of an alias, until its end.
    """
    original_key = page.alias_of_id or page.pk
    keys = (parent_key, original_key) if is_alias else (parent_key,)
    locked = {each.pk: each for each in Page.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")}
    if (parent := locked.get(parent_key)) is None:
        return None
    present = parent.get_children().filter(slug=page.slug).first()
    if present is not None:
        return present if _is_copy(present, page, original_key if is_alias else None, user) else None
    if is_alias and (reason := too_many_aliases_message(page, with_pages_below=False)):
        raise ValidationError(reason)
    last = parent.get_last_child()
    depth = parent.depth + 1
    path_and_depth = (last._inc_path() if last is not None else Page._get_path(parent.path, depth, 1), depth)
    if is_alias:
        alias = CreatePageAliasAction(page.specific, parent=parent, user=user, _mpnode_attrs=path_and_depth)
        copy: Page = alias.execute(skip_permission_checks=True)
    else:
        action = CopyPageAction(page=page, to=parent, keep_live=keep_live, user=user)
        # `execute` checks an alias in the same way. The page may have been moved here after the first request.
        action.check(skip_permission_checks=True)
        copy = action._copy_page(page, to=parent, _mpnode_attrs=path_and_depth)
    Page.objects.filter(pk=parent.pk).update(numchild=F("numchild") + 1)
    return copy


def _is_copy(present: Page, page: Page, original_key: int | None, user: Any) -> bool:
    """Return True if a page with the slug of `page` can be its copy by `user`, or its alias if `original_key` is given.

    Nothing records from which page a copy was made.
    """
    if original_key is not None:
        return present.alias_of_id == original_key
    own = present.owner_id == user.pk and present.content_type_id == page.content_type_id
    return own and present.alias_of_id is None
