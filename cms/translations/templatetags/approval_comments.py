"""The comment of an approval, for the e-mail about it."""

from __future__ import annotations

from django import template
from wagtail.models import Page, TaskState

register = template.Library()


@register.simple_tag
def approval_comment(page: Page) -> str:
    """Return the comment of the last approval of a page, or ""."""
    states = TaskState.objects.filter(
        workflow_state__object_id=str(page.pk),
        workflow_state__base_content_type=page.get_base_content_type(),
        status=TaskState.STATUS_APPROVED,
    )
    last = states.order_by("-finished_at", "-pk").first()
    return last.comment if last is not None else ""
