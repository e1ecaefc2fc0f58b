"""The bar above every screen of the admin: which department one sees, and the switch to another."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from ..guard import focus, focusable, is_unrestricted

register = template.Library()


@register.inclusion_tag("cms_sites/department_bar.html", takes_context=True)
def department_bar(context: Context) -> dict[str, Any]:
    """Return the department in focus and, for somebody who has a choice, what to choose from."""
    request = context["request"]
    choices = list(focusable(request.user))
    offers_all = is_unrestricted(request.user)
    return {
        "department": focus(request),
        "choices": choices if offers_all or len(choices) > 1 else [],
        "offers_all": offers_all,
        # An inclusion tag passes on this one alone.
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def department_name(context: Context, default: str) -> str:
    """Return the name of the department in focus, or the default."""
    department = focus(context["request"])
    return department.name if department else default
