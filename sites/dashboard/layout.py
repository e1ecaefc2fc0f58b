"""The panels of a user's dashboard and their order: tasks come first, information follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Page
from wagtail.permissions import policy_registry

from sites.access.capabilities import has_capability, is_unrestricted
from sites.access.current_department import current_department
from sites.models import Department
from sites.roles import Capability

from .page_panels import ApprovalPanel, DraftsPanel, ExpiringPagesPanel, PublishedPanel
from .sharing_panels import ProposalsPanel

# Values of `order` of the panels; packages above place their panels between them.
LINKS, TASKS, ENDING, INFORMATION = 100, 200, 300, 400
# Order of the hooks `construct_homepage_panels` in packages above: the hook of `sites` replaces the list before them.
AFTER_DEPARTMENTS = 10


class NoDepartmentPanel(Component):
    """The only panel of a user who has no role in a department."""

    template_name = "cms_sites/no_department_panel.html"
    order = LINKS


@dataclass(frozen=True)
class QuickLink:
    """One link of `QuickLinksPanel`."""

    label: str
    url: str
    icon: str


class QuickLinksPanel(Component):
    """Links to the most frequent tasks that the user may do."""

    template_name = "cms_sites/quick_links_panel.html"
    order = LINKS

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        return {"links": quick_links(request, current_department(request))}


def quick_links(request: HttpRequest, department: Department | None) -> list[QuickLink]:
    """Return the links that the user may follow; those of a department only if one is given."""
    user = request.user
    links = []
    if department is not None and _has_page_permission(user, "add"):
        home = department.site.root_page_id
        links.append(QuickLink(_("Write a page"), reverse("wagtailadmin_pages:add_subpage", args=[home]), "plus"))
    for model, label, name, icon in (
        (get_image_model(), _("Add an image"), "wagtailimages:add_multiple", "image"),
        (get_document_model(), _("Add a document"), "wagtaildocs:add_multiple", "doc-full"),
    ):
        if policy_registry.get_by_type(model).user_has_permission(user, "add"):
            links.append(QuickLink(label, reverse(name), icon))
    if department is not None:
        if has_capability(user, Capability.ACCOUNTS, department):
            links.append(QuickLink(_("Invite a colleague"), reverse("team:invite", args=[department.slug]), "group"))
        if has_capability(user, Capability.SETTINGS, department):
            url = reverse("department_settings", args=[department.pk])
            links.append(QuickLink(_("Contact and colours"), url, "cog"))
    return links


def panels_for(request: HttpRequest) -> list[Component]:
    """Return the panels of the user's dashboard for the current department, or for all departments of a superuser."""
    user, department = request.user, current_department(request)
    if department is None and not is_unrestricted(user):
        return [NoDepartmentPanel()]
    panels: list[Component] = [QuickLinksPanel()]
    if _has_page_permission(user, "publish"):
        panels.append(ApprovalPanel(TASKS))
    if has_capability(user, Capability.SHARING, department):
        panels.append(ProposalsPanel(TASKS + 5))
    if _has_page_permission(user, "add"):
        panels += [DraftsPanel(TASKS + 20), ExpiringPagesPanel(ENDING)]
    panels.append(PublishedPanel(INFORMATION + 10))
    return panels


def _has_page_permission(user: Any, permission: str) -> bool:
    """Return True if the user has the permission on one page at least."""
    return bool(policy_registry.get_by_type(Page).user_has_permission(user, permission))
