"""Template tags for the current department in the admin."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from wagtail.models import Page

from sites.access.capabilities import departments_of, is_unrestricted
from sites.access.current_department import current_department, selectable_departments
from sites.access.querysets import manageable_by
from sites.roles import Capability

register = template.Library()


@register.inclusion_tag("cms_sites/department_bar.html", takes_context=True)
def department_bar(context: Context) -> dict[str, Any]:
    """Return the current department and, if the user can switch, the departments to choose from."""
    request = context["request"]
    offers_all = is_unrestricted(request.user)
    choices = list(selectable_departments(request.user)) if offers_all else departments_of(request.user)
    return {
        "department": current_department(request),
        "choices": choices if offers_all or len(choices) > 1 else [],
        "offers_all": offers_all,
        # An inclusion tag does not pass the request on by itself.
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def department_name(context: Context, default: str) -> str:
    """Return the name of the current department, or the default."""
    department = current_department(context["request"])
    return department.name if department else default


@register.simple_tag(takes_context=True)
def can_restrict_viewing(context: Context, page: Page) -> bool:
    """Return True if the user may change view restrictions. Wagtail would ask for the permission to publish instead."""
    return manageable_by(Page.objects.filter(pk=page.pk), context["request"].user, Capability.PRIVACY).exists()
