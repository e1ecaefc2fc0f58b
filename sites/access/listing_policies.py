"""Permission policies that limit the explorer and the lists of pages and files to the current department.

Wagtail asks its registered policies for both. The actions of a user still depend on the permissions of their groups.
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
from wagtail.permissions import register_permission_policy

from .capabilities import is_unrestricted
from .current_department import bound_department, limit_to_current_department
from .overrides.explorable_root import SeparateExplorableRootPolicy

# Wagtail shows the explorer to users who hold one of these permissions anywhere.
WRITING = frozenset({"add", "change", "publish", "bulk_delete", "lock", "unlock"})


class CurrentDepartmentPagePolicy(SeparateExplorableRootPolicy):
    """A page policy that roots the explorer at the current department and admits readers of drafts."""

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
        """Return the pages in all departments of the user."""
        pages: QuerySet[Page] = super().explorable_instances(user)
        return pages if is_unrestricted(user) else pages | self.instances_user_has_any_permission_for(user, {"view"})


class CurrentDepartmentMediaPolicy(CollectionOwnershipPermissionPolicy):
    """A media policy that lists and offers the files of the current department."""

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        return limit_to_current_department(super().instances_user_has_any_permission_for(user, actions), user)

    def collections_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> QuerySet:
        return limit_to_current_department(super().collections_user_has_any_permission_for(user, actions), user)


def register_listing_policies() -> None:
    """Register these policies in place of Wagtail's. Called once, when the models are ready."""
    register_permission_policy(Page, CurrentDepartmentPagePolicy())
    for model, policy in ((get_image_model(), image_policy()), (get_document_model(), document_policy())):
        limited_policy = CurrentDepartmentMediaPolicy(model, policy.auth_model, policy.owner_field_name)
        # Registered for the exact class, which takes precedence over what Wagtail registers later for its subclasses.
        register_permission_policy(model, limited_policy, exact_class=True)
