"""Template tags for users who may translate a page and may not publish it."""

from __future__ import annotations

from django import template
from django.template import Context

from cms.translations.approval import can_submit_translation
from cms.translations.overrides.editor_props import props_without_publisher_links

register = template.Library()


@register.simple_tag(takes_context=True)
def props_for_user(context: Context) -> str:
    """Return the properties of the editor for the current user (see `cms.translations.overrides.editor_props`)."""
    return props_without_publisher_links(context["props"], context["page_perms"])


@register.simple_tag(takes_context=True)
def is_submittable(context: Context) -> bool:
    """Return True if the user may submit the translated page for approval."""
    return context["is_page"] and can_submit_translation(context["instance"], context["request"].user)
