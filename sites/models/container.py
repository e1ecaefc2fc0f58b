"""The page that holds everything a department owns in the page tree."""

from __future__ import annotations

from typing import Any, NoReturn

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, PagePermissionTester


class ContainerPermissions(PagePermissionTester):
    """A container is looked into and nothing else: what it holds and where it stands, provisioning decides."""

    def refuse(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_add_subpage = can_edit = can_delete = can_move = can_copy = refuse
    can_publish = can_unpublish = can_submit_for_moderation = can_unschedule = refuse
    can_lock = can_unlock = can_reorder_children = can_publish_subpage = can_view_revisions = refuse

    def can_set_view_restrictions(self) -> bool:
        # On everything below: a site may be closed to the public until it opens.
        return bool(super().can_publish())


class DepartmentContainerPage(Page):
    """Parent of a department's locale homes; never routed, never translated, made only by provisioning.

    Without it the homes would be children of Root, Root would become the common ancestor of a department's
    permissions, and its editors could read every other department's drafts in the explorer.
    """

    # For templates, which cannot ask for a class.
    holds_homes = True
    # Only provisioning makes one.
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
