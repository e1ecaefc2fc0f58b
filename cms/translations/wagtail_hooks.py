"""What the editor of translations asks before wagtail-localize saves or publishes, and our own address beside it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.models import Page
from wagtail_localize.models import Translation

from .approval import submit_for_approval

# Wagtail-localize answers in the same hook, without asking whether the page is locked.
BEFORE_LOCALIZE = -1


@hooks.register("register_admin_urls")
def approval_urls() -> list[URLPattern]:
    return [path("translations/<int:translation_id>/approval/", submit_for_approval, name="translation_approval")]


@hooks.register("before_edit_page", order=BEFORE_LOCALIZE)
def ask_before_publishing(request: HttpRequest, page: Page) -> None:
    """Refuse to change a locked page through its translation, and to take a translation up again without publishing."""
    if request.method != "POST":
        return
    translations = Translation.objects.filter(source__object_id=page.translation_key, target_locale=page.locale_id)
    is_restarted = "localize-restart-translation" in request.POST
    if not translations.filter(enabled=not is_restarted).exists():
        return
    permissions = page.permissions_for_user(request.user)
    if permissions.page_locked():
        raise PermissionDenied
    if is_restarted and not permissions.can_publish():
        # It puts the strings back in the place of what was written by hand since.
        raise PermissionDenied
    # Wagtail-localize publishes after the commit: whoever reports a refusal must know that the draft is saved.
    transaction.on_commit(lambda: setattr(request, "is_draft_saved", True))
