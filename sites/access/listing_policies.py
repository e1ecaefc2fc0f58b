"""Where the explorer starts and what lists of pages and files hold: the department in focus.

Wagtail asks its permission policies both, so these stand in place of its own. What somebody may do rests on the
groups' permissions, as in Wagtail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from wagtail.documents import get_document_model
from wagtail.documents import get_permission_policy as document_policy
from wagtail.images import get_image_model
from wagtail.images import get_permission_policy as image_policy
from wagtail.models import Page
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import register_permission_policy

from .capabilities import is_unrestricted
from .current_department import bound_department, limit_to_current_department

# Wagtail's question "does this user see the explorer?" is whether one of these is held anywhere.
WRITING = frozenset({"add", "change", "publish", "bulk_delete", "lock", "unlock"})


class CurrentDepartmentPagePolicy(PagePermissionPolicy):
    """Roots the explorer at the department in focus, and opens it to readers of drafts."""

    # Another name than Wagtail's: parts of it ask its own policy, which knows no focus.
    _explorable_root_instance_cache_name = "_explorable_root_in_focus"

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        wanted = set(actions)
        found: bool = super().user_has_any_permission(user, wanted | {"view"} if wanted >= WRITING else wanted)
        return found

    def instances_with_direct_explore_permission(self, user: Any) -> Iterable[Page]:
        department = bound_department(user)
        if is_unrestricted(user):
            return [department.container] if department else [Page.get_first_root_node()]
        pages = {each.page_id: each.page for each in self.get_cached_permissions_for_user(user)}.values()
        return [page for page in pages if department is None or page.path.startswith(department.container.path)]

    def explorable_instances(self, user: Any) -> QuerySet[Page]:
        return limit_to_current_department(self.accessible_instances(user), user)

    def accessible_instances(self, user: Any) -> QuerySet[Page]:
        """Return the pages that the user may see in all departments together."""
        pages: QuerySet[Page] = super().explorable_instances(user)
        return pages if is_unrestricted(user) else pages | self.instances_user_has_any_permission_for(user, {"view"})


class CurrentDepartmentMediaPolicy(CollectionOwnershipPermissionPolicy):
    """Lists and offers the files of the department in focus."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        return limit_to_current_department(super().instances_user_has_any_permission_for(user, actions), user)

    def collections_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        return limit_to_current_department(super().collections_user_has_any_permission_for(user, actions), user)


def register_listing_policies() -> None:
    """Put these in the place of Wagtail's; called once, when the models are ready."""
    register_permission_policy(Page, CurrentDepartmentPagePolicy())
    for model, policy in ((get_image_model(), image_policy()), (get_document_model(), document_policy())):
        focused = CurrentDepartmentMediaPolicy(model, policy.auth_model, policy.owner_field_name)
        # For the exact class, which precedes what Wagtail registers later for the class and those below it.
        register_permission_policy(model, focused, exact_class=True)
