"""Template tags of the screen on which a page is translated."""

from __future__ import annotations

from django import template
from django.template import Context

from cms.translations.approval import can_submit_translation
from cms.translations.overrides.editor_props import props_without_publisher_links
from cms.translations.progress.changed_texts import ChangedText, changed_texts

register = template.Library()


@register.simple_tag(takes_context=True)
def props_for_user(context: Context) -> str:
    """Return the properties of the editor for the current user (see `cms.translations.overrides.editor_props`)."""
    return props_without_publisher_links(context["props"], context["page_perms"])


@register.simple_tag(takes_context=True)
def is_submittable(context: Context) -> bool:
    """Return True if the user may submit the translated page for approval."""
    return context["is_page"] and can_submit_translation(context["instance"], context["request"].user)


@register.simple_tag(takes_context=True)
def texts_to_update(context: Context) -> list[ChangedText]:
    """Return the texts of the original that have changed since they were translated."""
    return changed_texts(context["translation"])
