"""Submission, approval, sending back and publication of a translated page or snippet.

Each function runs in one transaction, and raises ValidationError with a sentence for the user if nothing was done.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.coreutils import find_available_slug
from wagtail.models import Page, WorkflowState
from wagtail_localize.models import StringTranslation, Translation

from .exchange.inline_codes import plain_text, shortened
from .models import DeclinedTranslation, GuestLink, SegmentComment, TranslatedRevision
from .models.segment_state import SegmentState
from .progress.completeness import untranslated_message
from .progress.segments import segments_of, states_by_digest

APPROVE, SEND_BACK = "approve", "reject"  # Names of actions of Wagtail's tasks.


def can_submit_translation(page: Page, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return True if the user may edit the page and submit it to a workflow, but may not publish it."""
    permissions = page.permissions_for_user(user)
    return bool(permissions.can_edit() and not permissions.can_publish() and permissions.can_submit_for_moderation())


def can_decide(page: Page, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return True if the page waits for approval at a step at which the user may approve it."""
    if not page.workflow_in_progress:
        return False
    task = page.current_workflow_task
    return task is not None and APPROVE in {action[0] for action in task.specific.get_actions(page, user)}


def may_review(page: Page, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Return True if the user approves translations of this page: a reviewer of its language, or who publishes it."""
    if not user.is_active:
        return False
    return bool(page.permissions_for_user(user).can_publish()) or can_decide(page, user)


@transaction.atomic
def submit(translation: Translation, user: AbstractBaseUser | AnonymousUser) -> Page:
    """Save the translation as a draft and start the workflow of the page; nothing goes live. Return the page.

    Raises Http404 for a target that is no page or an alias. A lock is reported here, because a page in a workflow is
    locked for translators.
    """
    page = load_page_for_update(translation)
    permissions = page.permissions_for_user(user)
    title = {"page": page.get_admin_display_title()}
    if page.workflow_in_progress:
        raise ValidationError(_("“%(page)s” already waits for approval.") % title, code="waiting")
    if not (permissions.can_edit() and permissions.can_submit_for_moderation()):
        raise ValidationError(_("“%(page)s” was not submitted: it is locked, or needs no approval.") % title)
    try:
        save_draft(translation, user)
    except ValidationError as error:
        reasons = {"reasons": " ".join(error.messages)}
        raise ValidationError(_("“%(page)s” was not submitted: %(reasons)s") % (title | reasons)) from error
    page.refresh_from_db()
    _start_or_resume(page, user)
    return page


@transaction.atomic
def approve(translation: Translation, user: AbstractBaseUser | AnonymousUser, comment: str = "") -> Page:
    """Approve the translation as it is now; the last step of the workflow publishes it. Return the page.

    Texts that a reviewer has changed are saved as a revision first, so that what was read is what is approved.
    """
    page = load_page_for_update(translation)
    title = {"page": page.get_admin_display_title()}
    _require_decision(page, user)
    try:
        with transaction.atomic():
            state = page.current_workflow_task_state
            if not _shows_current_texts(translation, page):
                save_draft(translation, user)
                page.refresh_from_db()
                state.revision = page.get_latest_revision()
                state.save(update_fields=["revision"])
            state.task.specific.on_action(state, user, APPROVE, comment=comment)
    except ValidationError as error:
        reasons = {"reasons": " ".join(error.messages)}
        raise ValidationError(_("“%(page)s” was not approved: %(reasons)s") % (title | reasons)) from error
    return page


@transaction.atomic
def send_back(
    translation: Translation,
    user: AbstractBaseUser | AnonymousUser,
    comment: str = "",
    *,
    guest_link: GuestLink | None = None,
    signature: str = "",
) -> Page:
    """Send the translation back to its translator with a comment and the open comments on its texts. Return the page.

    The comments are those of the user, or of the guest with this link, whose `signature` stands above them. The e-mail
    to the translator and the history of the page contain them all. Raises ValidationError without any.
    """
    page = load_page_for_update(translation)
    _require_decision(page, user)
    state = page.current_workflow_task_state
    written = SegmentComment.objects.filter(translation=translation, resolved_at=None)
    written = written.filter(author=user.pk) if guest_link is None else written.filter(guest_link=guest_link)
    lines = [comment.strip(), *_comment_lines(list(written.select_related("string")))]
    message = "\n".join(filter(None, lines))
    if not message:
        raise ValidationError(_("Say what has to be changed: write a comment at a text, or below."))
    comment = "\n".join(filter(None, [signature, message]))
    state.task.specific.on_action(state, user, SEND_BACK, comment=comment)
    return page


@transaction.atomic
def publish(translation: Translation, user: AbstractBaseUser | AnonymousUser) -> None:
    """Publish the page of a translation as it is now, or write the snippet. The caller has checked the permission."""
    try:
        with transaction.atomic():
            if isinstance(translation.get_target_instance(), Page):
                save_draft(translation, user)
                load_page_for_update(translation).get_latest_revision().publish(user=user)
            else:
                translation.save_target(user=user, publish=True)
    except ValidationError as error:
        reasons = {"title": translation.source.object_repr, "reasons": " ".join(error.messages)}
        raise ValidationError(_("“%(title)s” was not published: %(reasons)s") % reasons) from error


def load_page_for_update(translation: Translation) -> Page:
    """Return the translated page with its row locked.

    The second of two simultaneous requests waits, and then finds the workflow in progress. Raises Http404 for a target
    that does not exist, is no page, or is an alias.
    """
    try:
        target = translation.get_target_instance()
    except ObjectDoesNotExist:
        raise Http404 from None
    if not isinstance(target, Page):
        raise Http404
    page: Page = get_object_or_404(Page.objects.select_for_update(), pk=target.pk, alias_of=None)
    return page.specific


def missing_texts_message(translation: Translation) -> str:
    """Return how many texts are not translated, as a sentence; "" if all are."""
    segments = segments_of(translation)
    missing = sum(segment.state == SegmentState.UNTRANSLATED for segment in segments)
    return untranslated_message(missing, len(segments)) if missing else ""


def _require_decision(page: Page, user: AbstractBaseUser | AnonymousUser) -> None:
    if not can_decide(page, user):
        title = {"page": page.get_admin_display_title()}
        raise ValidationError(_("“%(page)s” does not wait for your approval any more.") % title)


def _shows_current_texts(translation: Translation, page: Page) -> bool:
    """Return True if no text has changed since the latest revision of the page was saved."""
    revision = page.get_latest_revision()
    record = TranslatedRevision.objects.filter(pk=revision.pk).first() if revision is not None else None
    if record is None or record.segments != states_by_digest(segments_of(translation)):
        return False
    texts = StringTranslation.objects.filter(
        context__object_id=translation.source.object_id, locale=translation.target_locale_id
    )
    return not texts.filter(updated_at__gt=revision.created_at).exists()


def _comment_lines(comments: Sequence[SegmentComment]) -> list[str]:
    values = ({"text": shortened(plain_text(each.string.data)), "comment": each.text} for each in comments)
    return [_("“%(text)s”: %(comment)s") % value for value in values]


def save_draft(translation: Translation, user: AbstractBaseUser | AnonymousUser) -> None:
    """Save a revision of the page with the strings translated so far; raise ValidationError if it is invalid."""
    draft = translation.source.get_ephemeral_translated_instance(translation.target_locale, fallback=True)
    draft.slug = find_available_slug(draft.get_parent(), slugify(draft.slug), ignore_page_id=draft.pk)
    # wagtail-localize raises other exceptions for some of these errors.
    draft.full_clean()
    translation.save_target(user=user, publish=False)
    DeclinedTranslation.objects.of(translation).delete()


def _start_or_resume(page: Page, user: AbstractBaseUser | AnonymousUser) -> None:
    """Start the workflow of the page, or resume it if changes were requested."""
    state = page.current_workflow_state
    if state and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user)
    else:
        page.get_workflow().start(page, user)
