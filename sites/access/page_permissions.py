"""Permissions on the pages of a department, in addition to Wagtail's."""

from __future__ import annotations

from typing import Any

from wagtail.models import PagePermissionTester

from sites.roles import Capability

from .capabilities import has_capability_on_page


class DepartmentPagePermissions(PagePermissionTester):
    """A permission tester that does not let translators move, copy or delete pages.

    Translators and reviewers hold `change` in order to edit texts only.
    """

    @property
    def is_author(self) -> bool:
        return has_capability_on_page(self.user, Capability.PAGES, self.page)

    def can_delete(self, *args: Any, **kwargs: Any) -> bool:
        return self.is_author and bool(super().can_delete(*args, **kwargs))

    def can_move(self) -> bool:
        return self.is_author and bool(super().can_move())

    def can_copy(self) -> bool:
        return self.is_author and bool(super().can_copy())

    def can_reorder_children(self) -> bool:
        return self.is_author and bool(super().can_reorder_children())
