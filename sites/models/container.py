"""The container: the root of a department in the page tree."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PagePermissionTester


class ContainerPermissions(PagePermissionTester):
    """A permission tester that allows only exploring and view restrictions; provisioning does everything else."""

    def refuse(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_add_subpage = can_edit = can_delete = can_move = can_copy = refuse
    can_publish = can_unpublish = can_submit_for_moderation = can_unschedule = refuse
    can_lock = can_unlock = can_reorder_children = can_publish_subpage = can_view_revisions = refuse

    def can_set_view_restrictions(self) -> bool:
        # A restriction applies to the whole site, which may be private until it opens.
        return bool(super().can_publish())


class DepartmentContainerPage(Page):
    """The parent of a department's homes. It has no URL and no translations; only provisioning creates it.

    If the homes were children of Root, Root would be the common ancestor of a department's permissions, and its editors
    could read the drafts of every other department in the explorer.
    """

    # For templates, which cannot use isinstance.
    holds_homes = True
    # Only provisioning creates containers.
    is_creatable = False
    parent_page_types: tuple[str, ...] = ("wagtailcore.Page",)

    class Meta:
        verbose_name = _("department container")
        verbose_name_plural = _("department containers")

    def route(self, request: HttpRequest, path_components: list[str]) -> NoReturn:
        raise Http404

    def get_url_parts(self, request: HttpRequest | None = None) -> None:
        return None

    def permissions_for_user(self, user: Any) -> ContainerPermissions:
        return ContainerPermissions(user, self)
