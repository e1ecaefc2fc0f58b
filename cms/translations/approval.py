"""Submission of a translated page for approval, by users who may translate it and may not publish it."""

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

from .models.segment_state import SegmentState
from .progress.completeness import untranslated_message
from .progress.segments import segments_of


def can_submit_translation(page: Page, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return True if the user may edit the page and submit it to a workflow, but may not publish it."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_edit() and not permissions.can_publish() and permissions.can_submit_for_moderation())


@require_POST
def submit_for_approval(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Save the translation as a draft and start the workflow of the page, in one transaction; nothing goes live.

    Raises Http404 for a stopped translation, and for a target that is no page or an alias. Access control has checked
    that the user may edit the page. A lock is reported here, because a page in a workflow is locked for translators.
    """
    translation = get_object_or_404(Translation.objects.select_related("source"), pk=translation_id, enabled=True)
    page = _load_target_for_update(translation)
    permissions = page.permissions_for_user(request.user)
    title = {"page": page.get_admin_display_title()}
    if page.workflow_in_progress:
        messages.warning(request, _("“%(page)s” already waits for approval.") % title)
    elif not (permissions.can_edit() and permissions.can_submit_for_moderation()):
        messages.error(request, _("“%(page)s” was not submitted: it is locked, or needs no approval.") % title)
    else:
        try:
            _save_draft(translation, request.user)
        except ValidationError as error:
            reasons = {"reasons": " ".join(error.messages)}
            messages.error(request, _("“%(page)s” was not submitted: %(reasons)s") % (title | reasons))
        else:
            page.refresh_from_db()
            _start_or_resume(page, request.user)
            messages.success(request, _("“%(page)s” has been submitted for approval.") % title)
            _warn_if_incomplete(request, translation)
    return redirect("wagtailadmin_pages:edit", page.pk)


def _warn_if_incomplete(request: HttpRequest, translation: Translation) -> None:
    segments = segments_of(translation)
    missing = sum(segment.state == SegmentState.UNTRANSLATED for segment in segments)
    if missing:
        messages.warning(request, untranslated_message(missing, len(segments)))


def _load_target_for_update(translation: Translation) -> Page:
    """Return the translated page with its row locked.

    The second of two simultaneous requests waits, and then finds the workflow in progress.
    """
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        raise Http404 from None
    if not isinstance(target, Page):
        raise Http404
    page: Page = get_object_or_404(Page.objects.select_for_update(), pk=target.pk, alias_of=None)
    return page.specific


def _save_draft(translation: Translation, user: AbstractBaseUser | AnonymousUser) -> None:
    """Save a revision of the page with the strings translated so far; raise ValidationError if it is invalid."""
    draft = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    draft.slug = find_available_slug(draft.get_parent(), slugify(draft.slug), ignore_page_id=draft.pk)
    # wagtail-localize raises other exceptions for some of these errors.
    draft.full_clean()
    translation.save_target(user=user, publish=False)


def _start_or_resume(page: Page, user: AbstractBaseUser | AnonymousUser) -> None:
    """Start the workflow of the page, or resume it if changes were requested."""
    state = page.current_workflow_state
    if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user)
    else:
        page.get_workflow().start(page, user)
