"""What the editor of translations offers to whoever may not publish the page."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.template import Context

from cms.translations.approval import can_submit_translation

register = template.Library()

# The guard lets publishers alone do these.
PUBLISHERS_LINKS = ("stopTranslationUrl", "convertToAliasUrl")


@register.simple_tag(takes_context=True)
def props_for_user(context: Context) -> str:
    """Return the editor's properties, without the links that the guard would refuse the user to follow."""
    props: str = context["props"]
    permissions = context["page_perms"]
    if permissions is None or permissions.can_publish():
        return props
    values: dict[str, Any] = json.loads(props)
    values["links"] |= dict.fromkeys(PUBLISHERS_LINKS)
    return json.dumps(values)


@register.simple_tag(takes_context=True)
def is_submittable(context: Context) -> bool:
    """Whether the user may submit the translated page for approval."""
    return context["is_page"] and can_submit_translation(context["instance"], context["request"].user)
