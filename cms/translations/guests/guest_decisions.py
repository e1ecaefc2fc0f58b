"""The decisions of a guest about a translation, made with the permissions of the account of the link."""

from __future__ import annotations

from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from wagtail.log_actions import LogActionRegistry, LogFormatter

from cms.translations import approval
from cms.translations.models.guest_link import GuestUse

from .guest_mail import send_decision
from .link_changes import log_guest, record_use
from .valid_links import GuestReview


def approve_as_guest(review: GuestReview, message: str) -> None:
    """Approve the translation as it is now; the comment of the step and the history name the guest.

    Raises ValidationError with a sentence for the guest if nothing was done.
    """
    signature = _signature(review, gettext_lazy("Approved by %(guest)s (guest)."))
    comment = "\n".join(filter(None, [signature, message.strip()]))
    page = approval.approve(review.translation, review.link.created_by, comment)
    _announce(review, page, "guest_approve", GuestUse.APPROVED)


def send_back_as_guest(review: GuestReview, message: str) -> None:
    """Send the translation back with the open comments of the guest.

    Raises ValidationError with a sentence for the guest if nothing was done.
    """
    signature = _signature(review, gettext_lazy("Sent back by %(guest)s (guest)."))
    page = approval.send_back(
        review.translation, review.link.created_by, message, guest_link=review.link, signature=signature
    )
    _announce(review, page, "guest_send_back", GuestUse.SENT_BACK)


def _signature(review: GuestReview, text: str | Promise) -> str:
    """Return the sentence in the language of the department, which reads it."""
    with translation.override(review.department.source_locale.language_code):
        return str(text) % {"guest": review.link.guest_name}


def _announce(review: GuestReview, page: Any, action: str, kind: GuestUse) -> None:
    log_guest(review.link, page, action, review.link.created_by)
    record_use(review.link, kind)
    send_decision(review.link, page, kind)


class _GuestLogFormatter(LogFormatter):
    sentence: str | Promise = ""

    def format_message(self, log_entry: Any) -> str:
        return str(self.sentence) % {"guest": log_entry.data.get("guest", "")}


SENTENCES: dict[str, tuple[str | Promise, str | Promise]] = {
    "guest_link": (gettext_lazy("Guest link: make"), gettext_lazy("Made a link for %(guest)s (guest)")),
    "guest_link_revoked": (gettext_lazy("Guest link: revoke"), gettext_lazy("Revoked the link of %(guest)s (guest)")),
    "guest_approve": (gettext_lazy("Guest link: approve"), gettext_lazy("Approved by %(guest)s (guest)")),
    "guest_send_back": (gettext_lazy("Guest link: send back"), gettext_lazy("Sent back by %(guest)s (guest)")),
}


def guest_log_actions(actions: LogActionRegistry) -> None:
    """Register the log actions of guest links; the hook `register_log_actions`."""
    for action, (label, sentence) in SENTENCES.items():
        formatter = type("GuestLogFormatter", (_GuestLogFormatter,), {"label": label, "sentence": sentence})
        actions.register_action(f"translations.{action}")(formatter)
