"""The editor of a translation: texts side by side, comments, and the decisions about the translation."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from wagtail.admin.utils import get_latest_str
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.models import Page
from wagtail_localize.models import Translation

from cms.translations import approval
from cms.translations.board.assignments import assignment_of, names_of
from cms.translations.board.cells import assignment_url
from cms.translations.drafts.draft_errors import draft_note
from cms.translations.drafts.draft_permissions import service_for
from cms.translations.file_service.outgoing_files import FORMATS
from cms.translations.models import MachineDraft
from cms.translations.models.segment_comment import MAX_COMMENT_LENGTH
from cms.translations.progress.update_failures import failed_updates, failure_message
from cms.translations.releases.release_approval import approve_for_release
from cms.translations.releases.release_plans import is_planned
from sites.access.capabilities import has_capability
from sites.access.current_department import current_department
from sites.access.ownership import department_of_page, departments_owning
from sites.roles import Capability

from .editor_segments import EditorSegment, Selection, editor_segments, state_digest
from .saving import COMMENT, TEXT, save_comments, save_dismissals, save_texts

# A form of more texts would have more fields than Django accepts.
TEXTS_ON_A_PAGE = 50


class TranslationEditor(WagtailAdminTemplateMixin, TemplateView):
    """The texts of one translation. Access control has checked that the user may edit its page or snippet.

    A request that accepts JSON saves texts in the background and returns their outcomes.
    """

    template_name = "translations/editor.html"
    header_icon = "wagtail-localize-language"
    http_method_names = ["get", "head", "options", "post"]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        related = ("source__locale", "source__specific_content_type", "target_locale")
        found = Translation.objects.select_related(*related).filter(pk=kwargs["translation_id"], enabled=True)
        self.translation: Translation = get_object_or_404(found)
        self.target: Any = self.translation.get_target_instance()
        if isinstance(self.target, Page) and self.target.alias_of_id is not None:
            raise Http404

    @cached_property
    def segments(self) -> list[EditorSegment]:
        return editor_segments(self.translation)

    @cached_property
    def permissions(self) -> Any:
        """The permissions of the user on the translated page; None for a snippet."""
        return self.target.permissions_for_user(self.request.user) if isinstance(self.target, Page) else None

    @property
    def may_write(self) -> bool:
        return self.permissions is None or not self.permissions.page_locked()

    @cached_property
    def is_in_release(self) -> bool:
        """True if the texts are those of a draft, and are published with it."""
        return self.permissions is not None and is_planned(self.translation)

    @property
    def may_decide(self) -> bool:
        return self.permissions is not None and approval.can_decide(self.target, self.request.user)

    @property
    def may_review(self) -> bool:
        return self.permissions is not None and approval.may_review(self.target, self.request.user)

    @property
    def may_dismiss(self) -> bool:
        """True if the user may dismiss warnings: a reviewer of the page, or who edits a snippet."""
        return self.permissions is None or self.may_review

    @property
    def may_submit(self) -> bool:
        if self.permissions is None or self.target.workflow_in_progress or not self.may_write:
            return False
        return approval.can_submit_translation(self.target, self.request.user)

    @property
    def may_publish(self) -> bool:
        if self.permissions is None:
            return True
        return bool(self.may_write and self.permissions.can_publish() and not self.target.workflow_in_progress)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = {name: str(value) for name, value in request.POST.items()}
        if sum(name.startswith((TEXT, COMMENT)) for name in typed) > 2 * TEXTS_ON_A_PAGE:
            return HttpResponseBadRequest()  # No form of this screen has so many.
        list(Translation.objects.select_for_update().filter(pk=self.translation.pk))  # One change after the other.
        self._has_read_all = typed.get("state") == state_digest(self.segments)
        errors = self._save_texts(typed)
        del self.segments  # To be loaded again with the saved texts.
        if request.accepts("application/json") and not request.accepts("text/html"):
            return JsonResponse(self._saved(typed, errors))
        by_key = {segment.key: segment for segment in self.segments}
        comment_errors = save_comments(self.translation, by_key, typed, request.user)
        if self.may_dismiss:
            save_dismissals(by_key, typed, request.user)
        if errors or comment_errors:
            del self.segments  # To be loaded again with the new comments.
            self._keep_typed(typed, errors, comment_errors)
            messages.error(request, _("Not everything was saved: see the marked texts."))
            return self.render_to_response(self.get_context_data())
        try:
            self._perform(typed.get("action", "save"), typed.get("comment", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            del self.segments  # To be loaded again with the new comments.
            return self.render_to_response(self.get_context_data(kept_comment=typed.get("comment", "")))
        return redirect(self._url())

    def _save_texts(self, typed: dict[str, str]) -> dict[str, str]:
        if self.may_write:
            return save_texts(self.translation, typed, self.request.user)
        stored = {TEXT + segment.key: segment.stored for segment in self.segments}
        message = _("The translation is locked, or waits for approval: this text was not saved.")
        return {
            name.removeprefix(TEXT): message
            for name, value in typed.items()
            if name in stored and value.split() != stored[name].split()
        }

    def _saved(self, typed: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
        """Return the outcomes of the texts of a background request, for the script of the page."""
        posted = {name.removeprefix(TEXT) for name in typed if name.startswith(TEXT)}
        return {
            "errors": errors,
            "saved": {
                segment.key: {
                    "digest": segment.digest,
                    "badge": segment.badge,
                    "origin": segment.origin_note,
                    "warnings": [each._asdict() for each in segment.warnings],
                }
                for segment in self.segments
                if segment.key in posted and segment.key not in errors
            },
            "progress": self._progress(),
            "state": state_digest(self.segments) if self._has_read_all else typed.get("state", ""),
        }

    def _keep_typed(self, typed: dict[str, str], errors: dict[str, str], comment_errors: dict[str, str]) -> None:
        """Show the refused texts and comments again, with the reasons. A text without a segment becomes a message."""
        by_key = {segment.key: segment for segment in self.segments}
        for key, reason in comment_errors.items():
            by_key[key].error, by_key[key].typed_comment = reason, typed.get(COMMENT + key, "")
        for key, reason in errors.items():
            segment = by_key.get(key)
            if segment is None:
                values = {"text": typed.get(TEXT + key, ""), "reason": reason}
                messages.warning(self.request, _("“%(text)s”: %(reason)s") % values)
                continue
            segment.error, segment.typed = reason, typed.get(TEXT + key)

    def _perform(self, action: str, comment: str) -> None:
        """Perform the action of the pressed button. Raises ValidationError with the reason if that is not possible."""
        user = self.request.user
        if len(comment) > MAX_COMMENT_LENGTH:
            message = _("The comment has more than %(number)s characters.")
            raise ValidationError(message % {"number": MAX_COMMENT_LENGTH})
        title = {"page": self.translation.source.object_repr}
        if action == "submit" and self.may_submit:
            page = approval.submit(self.translation, user)
            title = {"page": page.get_admin_display_title()}
            messages.success(self.request, _("“%(page)s” has been submitted for approval.") % title)
            warn_if_incomplete(self.request, self.translation)
        elif action == "approve":
            self._refuse_unread_texts()
            page = approval.approve(self.translation, user, comment)
            self._show_approval(page)
        elif action == "send_back":
            page = approval.send_back(self.translation, user, comment)
            title = {"page": page.get_admin_display_title()}
            messages.success(self.request, _("“%(page)s” has been sent back to its translator.") % title)
        elif action == "approve_for_release" and self.may_publish and self.is_in_release:
            self._refuse_unread_texts()
            approve_for_release(self.translation, user)
            messages.success(self.request, _("“%(page)s” is approved, and waits for its release.") % title)
        elif action == "publish" and self.may_publish:
            approval.publish(self.translation, user)
            messages.success(self.request, _("“%(page)s” has been published.") % title)
        elif action == "save":
            messages.success(self.request, _("Saved."))
        else:
            raise ValidationError(_("“%(page)s” cannot be changed in this way now.") % title)

    def _refuse_unread_texts(self) -> None:
        """Raise ValidationError if a text is not the one that the form showed."""
        if not self._has_read_all:
            message = _("“%(page)s” was not approved: its texts have changed since you opened it. Read them again.")
            raise ValidationError(message % {"page": self.translation.source.object_repr})

    def _show_approval(self, page: Page) -> None:
        title = {"page": page.get_admin_display_title()}
        if page.workflow_in_progress:
            messages.success(self.request, _("“%(page)s” is approved, and waits for the next step.") % title)
        elif self.is_in_release:
            messages.success(self.request, _("“%(page)s” is approved, and waits for its release.") % title)
        else:
            messages.success(self.request, _("“%(page)s” is approved and published.") % title)

    @property
    def _selection(self) -> str:
        found = self.request.POST.get("show") or self.request.GET.get("show", "")
        return found if found in Selection.values else Selection.ALL

    def _url(self) -> str:
        values = {"show": self._selection, "p": self.request.POST.get("p") or self.request.GET.get("p") or "1"}
        return f"{reverse('translation_editor', args=[self.translation.pk])}?{urlencode(values)}"

    def _progress(self) -> str:
        done = sum(not (segment.is_untranslated or segment.needs_confirmation) for segment in self.segments)
        return _("Texts done: %(done)d of %(total)d") % {"done": done, "total": len(self.segments)}

    def get_page_title(self) -> str:
        return str(get_latest_str(self.target))

    def get_page_subtitle(self) -> str:
        return str(self.translation.target_locale.get_display_name())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        board = {"url": reverse("translation_board"), "label": _("Translations")}
        own = {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()}
        return [*super().get_breadcrumbs_items(), board, own]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        selection = self._selection
        selected = [each for each in self.segments if each.is_in(selection) or each.error]
        number = self.request.POST.get("p") or self.request.GET.get("p")
        page = Paginator(selected, TEXTS_ON_A_PAGE).get_page(number)
        counts = Counter(value for value in Selection.values for each in self.segments if each.is_in(value))
        source = self.translation.source.get_source_instance()
        return super().get_context_data(**kwargs) | {
            "translation": self.translation,
            "target": self.target,
            "is_page": self.permissions is not None,
            "source_url": source.get_full_url() if isinstance(source, Page) and source.live else None,
            "source_locale": self.translation.source.locale,
            "target_locale": self.translation.target_locale,
            "selections": [(value, label, counts[value]) for value, label in Selection.choices],
            "selection": selection,
            "texts": page,
            "progress": self._progress(),
            "state": state_digest(self.segments),
            "may_write": self.may_write,
            "may_decide": self.may_decide,
            "may_review": self.may_review,
            "may_dismiss": self.may_dismiss,
            "may_submit": self.may_submit,
            "is_in_release": self.is_in_release,
            "release_url": self._release_url(source),
            "may_publish": self.may_publish,
            "is_waiting": self.permissions is not None and self.target.workflow_in_progress,
            "decision": self._last_decision(),
            "failure": self._failure(),
            "max_comment_length": MAX_COMMENT_LENGTH,
            "formats": list(FORMATS),
            **self._draft(),
            **self._assignment(),
        }

    def _release_url(self, source: Any) -> str:
        """Return the URL of the release of the page for those who prepare it, or ""."""
        department = department_of_page(source) if self.is_in_release else None
        if department is None or not has_capability(self.request.user, Capability.TRANSLATION, department):
            return ""
        return reverse("translation_release", args=[source.pk])

    def _draft(self) -> dict[str, Any]:
        """Return the state of the machine draft, and whether there may be one."""
        department = departments_owning(self.target).first()
        service = service_for(department, self.translation.target_locale_id) if department is not None else None
        drafts = MachineDraft.objects.of([self.translation.pk]).notable() if service is not None else []
        draft = next(iter(drafts), None)
        return {
            "may_draft": service is not None and self.may_write,
            "draft_note": draft_note(draft) if draft is not None else "",
            "draft_status": "critical" if draft is not None and draft.has_failed else "info",
        }

    def _assignment(self) -> dict[str, Any]:
        """Return the assignee, the due date, and the URL of the screen on which the user may change them."""
        found = assignment_of(self.translation) if self.permissions is not None else None
        if found is None:
            return {}
        key, assignment = found
        department = current_department(self.request)
        # The screen shows the current department only.
        may_assign = (
            department is not None
            and self.target.path.startswith(department.container.path)
            and has_capability(self.request.user, Capability.TRANSLATION, department)
        )
        names = names_of([assignment.assignee] if assignment.assignee is not None else [])
        return {
            "assignment": assignment,
            "assignee": names.get(assignment.assignee, "") if assignment.assignee is not None else "",
            "assign_url": assignment_url(key) if may_assign else "",
            "keep_url": assignment_url(key, action="keep") if may_assign and self._has_outdated_texts else "",
        }

    @property
    def _has_outdated_texts(self) -> bool:
        return self.may_write and any(segment.is_outdated for segment in self.segments)

    def _failure(self) -> str:
        """Return why the translation cannot be brought in step with its original; "" if it can."""
        key = self.translation.source.object_id
        failed = failed_updates([key])
        return failure_message(failed[key]) if key in failed else ""

    def _last_decision(self) -> Any:
        """Return the step of the workflow at which the translation was sent back, while it was not submitted again."""
        state = self.target.current_workflow_state if self.permissions is not None else None
        if state is None or state.status != state.STATUS_NEEDS_CHANGES:
            return None
        return state.current_task_state


def warn_if_incomplete(request: HttpRequest, translation: Translation) -> None:
    """Add a message if texts of a submitted translation are missing."""
    if message := approval.missing_texts_message(translation):
        messages.warning(request, message)


@require_POST
def submit_for_approval(request: HttpRequest, translation_id: int) -> HttpResponse:
    """Submit a translation from wagtail-localize's screen, and redirect back to it.

    Raises Http404 for a stopped translation, and for a target that is no page or an alias. Access control has checked
    that the user may edit the page.
    """
    translation = get_object_or_404(Translation.objects.select_related("source"), pk=translation_id, enabled=True)
    target = approval.load_page_for_update(translation)
    try:
        page = approval.submit(translation, request.user)
    except ValidationError as error:
        is_waiting = getattr(error, "code", "") == "waiting"
        (messages.warning if is_waiting else messages.error)(request, " ".join(error.messages))
    else:
        title = {"page": page.get_admin_display_title()}
        messages.success(request, _("“%(page)s” has been submitted for approval.") % title)
        warn_if_incomplete(request, translation)
    return redirect("wagtailadmin_pages:edit", target.pk)
