"""The screen of a guest: original and translation side by side, comments, and the two decisions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views import View
from wagtail_localize.models import Translation

from cms.hardening.security_headers import csp_nonce, reader_policy, set_policy
from cms.translations.editor.editor_segments import EditorSegment, editor_segments, state_digest
from cms.translations.editor.saving import COMMENT, add_comments
from cms.translations.models import GuestLink
from cms.translations.models.guest_link import GuestUse
from cms.translations.models.segment_comment import MAX_COMMENT_LENGTH
from sites.validation.incoming_text import refuse_control_characters

from .guest_decisions import approve_as_guest, send_back_as_guest
from .link_changes import record_use
from .valid_links import GuestReview, open_review

TEXTS_ON_A_PAGE = 50
# The action that a guest has just done, in the URL after the redirect: there is no session.
SAVED, SENT_BACK, APPROVED = "saved", "sent-back", "approved"
PAGE = "page-"


class GuestReviewView(View):
    """The screen of one translation for a person who has a link that works, in the language of the link.

    A link that is unknown, malformed, expired or revoked, or whose account may not review any more, gets the same
    answer, which names nothing. The view reads no session and sets no cookie but that of the CSRF check.
    """

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.review = open_review(kwargs["token"])
        with translation.override(self._language()):
            response: Any = super().dispatch(request, *args, **kwargs) if self.review else self._closed()
        add_never_cache_headers(response)
        set_policy(response, reader_policy())
        response.headers["Content-Language"] = self._language()
        response.headers["X-Robots-Tag"] = "noindex"
        # With `no-referrer` browsers send no origin either, and Django's CSRF check refuses the form. Other sites get
        # no URL.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        if request.method == "GET":
            record_use(self.opened.link, GuestUse.OPENED)
        return self._page()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        typed = {name: str(value) for name, value in request.POST.items()}
        if sum(name.startswith(COMMENT) for name in typed) > TEXTS_ON_A_PAGE:
            return HttpResponseBadRequest()  # No form of this screen has so many.
        # One change after the other. The link may have been revoked while this request waited.
        list(Translation.objects.select_for_update().filter(pk=self.opened.translation.pk))
        list(GuestLink.objects.select_for_update().filter(pk=self.opened.link.pk))
        self.review = open_review(token)
        if self.review is None:
            return self._closed()
        errors = self._save_comments(typed)
        if not errors:
            try:
                return self._perform(typed)
            except ValidationError as error:
                errors = {"": " ".join(error.messages)}
        del self.segments  # To be loaded again with the new comments.
        return self._page(errors, typed)

    @property
    def opened(self) -> GuestReview:
        """The review, after it has been found."""
        assert self.review is not None  # noqa: S101 (for the type checker: `dispatch` has checked it)
        return self.review

    @cached_property
    def segments(self) -> list[EditorSegment]:
        return editor_segments(self.opened.translation)

    def _save_comments(self, typed: dict[str, str]) -> dict[str, str]:
        """Store the comments of the guest, even if the decision fails; return the refusals by key."""
        link = self.opened.link
        author = {"guest_link": link, "guest_name": link.guest_name}
        by_key = {segment.key: segment for segment in self.segments}
        number, errors = add_comments(self.opened.translation, by_key, typed, author)
        if number:
            record_use(link, GuestUse.COMMENTED)
        lost = {name.removeprefix(COMMENT) for name, text in typed.items() if name.startswith(COMMENT) and text.strip()}
        for key in lost - by_key.keys():
            sentence = _("The original of this text has changed. Your comment was not saved: “%(comment)s”.")
            errors[key] = sentence % {"comment": typed[COMMENT + key]}
        return errors

    def _perform(self, typed: dict[str, str]) -> HttpResponse:
        """Perform the action of the pressed button. Raises ValidationError with the reason if that is not possible."""
        action, message = typed.get("action", ""), typed.get("message", "")
        if action.startswith(PAGE):
            return self._redirect(p=action.removeprefix(PAGE), state=typed.get("state", ""))
        if action not in ("approve", "send_back"):
            return self._redirect(result=SAVED, p=typed.get("p", ""), state=typed.get("state", ""))
        refuse_control_characters(message)
        if len(message) > MAX_COMMENT_LENGTH:
            sentence = _("The message has more than %(number)s characters.")
            raise ValidationError(sentence % {"number": MAX_COMMENT_LENGTH})
        if not self.opened.may_decide:
            raise ValidationError(_("This translation does not wait for your decision any more."))
        if typed.get("state") != state_digest(self.segments):
            sentence = _("Texts have changed since you opened this page. Read them again, then decide.")
            raise ValidationError(sentence)
        if action == "approve":
            approve_as_guest(self.opened, message)
            return self._redirect(result=APPROVED)
        send_back_as_guest(self.opened, message)
        return self._redirect(result=SENT_BACK)

    def _redirect(self, **query: str) -> HttpResponse:
        return HttpResponseRedirect(f"{self.request.path}?{urlencode(query)}")

    def _page(self, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None) -> HttpResponse:
        errors, typed = errors or {}, typed or {}
        opened, state = self.opened, state_digest(self.segments)
        page = Paginator(self.segments, TEXTS_ON_A_PAGE).get_page(typed.get("p") or self.request.GET.get("p"))
        # A guest who reads several pages approves what the first one showed.
        read = "" if typed else self.request.GET.get("state", "")
        has_changed = bool(read) and read != state
        for segment in page:
            segment.error = errors.get(segment.key, "")
            segment.typed_comment = typed.get(COMMENT + segment.key, "") if segment.error else ""
        shown = {segment.key for segment in page}
        title = opened.page.get_admin_display_title()
        context = {
            "title": title,
            "department": opened.department.name,
            "link": opened.link,
            "source_locale": opened.translation.source.locale,
            "target_locale": opened.translation.target_locale,
            "texts": page,
            "state": read or state,
            "has_changed": has_changed,
            "errors": [reason for key, reason in errors.items() if key not in shown],
            "has_errors": bool(errors),
            "message": typed.get("message", ""),
            "result": self._result() if not errors else "",
            "may_decide": opened.may_decide,
            "is_waiting": opened.page.workflow_in_progress,
            "max_comment_length": MAX_COMMENT_LENGTH,
        }
        return self._render("translations/guest_review.html", context)

    def _result(self) -> str:
        sentences = {
            SAVED: _("Your comments are saved."),
            SENT_BACK: _("The translation has been sent back with your comments. Thank you."),
            APPROVED: _("You have approved the translation. Thank you."),
        }
        return sentences.get(self.request.GET.get("result", ""), "")

    def _closed(self) -> HttpResponse:
        return self._render("translations/guest_closed.html", {}, status=404)

    def _render(self, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        language = translation.get_language()
        direction = "rtl" if translation.get_language_bidi() else "ltr"
        values = {"locale": language, "direction": direction, "csp_nonce": csp_nonce(self.request)}
        return render(self.request, template, context | values, status=status)

    def _language(self) -> str:
        """Return the language of the link; for a link that does not work, the one that the browser prefers.

        The screen is in the languages of the interface only: others have words of the public pages alone.
        """
        if self.review:
            return self.review.link.language
        codes = dict(settings.WAGTAILADMIN_PERMITTED_LANGUAGES)
        accepted = parse_accept_lang_header(self.request.headers.get("Accept-Language", ""))
        found = (code.partition("-")[0] for code, _quality in accepted)
        return next((code for code in found if code in codes), settings.LANGUAGE_CODE)
