"""Submits a translated page for approval, for people who translate it and may not publish it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, WorkflowState
from wagtail_localize.models import Translation


def can_submit_translation(page: Page, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether the editor offers it: to whoever edits the page, and needs somebody else to publish it."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_edit() and not permissions.can_publish() and permissions.can_submit_for_moderation())


@require_POST
def submit_for_approval(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Save the translation as a draft and start the page's workflow, both or neither; nothing goes live.

    Raises Http404 for a translation that is stopped, and for one that makes no page of its own. The guard has asked
    whether the user may edit the page; a lock is answered here, since a page that waits is locked for translators.
    """
    translation = get_object_or_404(Translation.objects.select_related("source"), pk=translation_id, enabled=True)
    page = _lock_target(translation)
    permissions = page.permissions_for_user(request.user)
    title = {"page": page.get_admin_display_title()}
    if page.workflow_in_progress:
        messages.warning(request, _("“%(page)s” already waits for approval.") % title)
    elif not (permissions.can_edit() and permissions.can_submit_for_moderation()):
        messages.error(request, _("“%(page)s” was not submitted: it is locked, or needs no approval.") % title)
    else:
        try:
            _save_draft(translation, page, request.user)
        except ValidationError as refusal:
            reasons = {"reasons": " ".join(refusal.messages)}
            messages.error(request, _("“%(page)s” was not submitted: %(reasons)s") % (title | reasons))
        else:
            page.refresh_from_db()
            _start_or_resume(page, request.user)
            messages.success(request, _("“%(page)s” has been submitted for approval.") % title)
    return redirect("wagtailadmin_pages:edit", page.pk)


def _lock_target(translation: Translation) -> Page:
    """Return the translated page, its row locked: of two requests at once the second finds the workflow started."""
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        raise Http404 from None
    if not isinstance(target, Page):
        raise Http404
    locked: Page = get_object_or_404(Page.objects.select_for_update(), pk=target.pk, alias_of=None)
    return locked.specific


def _save_draft(translation: Translation, page: Page, user: AbstractBaseUser | AnonymousUser) -> None:
    """Make a revision of the page out of the strings translated so far; raise ValidationError if it is not valid."""
    draft = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    draft.slug = find_available_slug(draft.get_parent(), slugify(draft.slug), ignore_page_id=draft.pk)
    # Before wagtail-localize does: it fails on the errors that Wagtail finds first when it saves a page.
    draft.full_clean()
    if page.live:
        # Wagtail-localize saves the page's row along with its draft, and for a live page the row is what is public.
        draft.save_revision(user=user, log_action=True, clean=False)
    else:
        translation.save_target(user=user, publish=False)


def _start_or_resume(page: Page, user: AbstractBaseUser | AnonymousUser) -> None:
    state = page.current_workflow_state
    if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user)
    else:
        page.get_workflow().start(page, user)
