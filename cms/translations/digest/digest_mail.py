"""The daily e-mail: at most one a day for each account, in its language, and none without content."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.users.models import UserProfile

from cms.translations.models import TranslationDigest
from sites.mail.audience import about, account_may_view, register_audience
from sites.mail.models import delete_messages_about

from .digest_work import WorkItem, WorkKind, work_by_account

logger = logging.getLogger(__name__)

# Pages that one e-mail names; it says how many others there are.
MAX_PAGES_IN_MAIL = 50


def send_digests() -> tuple[int, list[str]]:
    """Put the e-mail of the day of each account that has something to do into the outbox.

    Return the number of e-mails, and a line for each account that failed. An account gets one a day, whatever the
    number of runs. Each account has a transaction of its own.
    """
    today = timezone.localdate()
    work = work_by_account(today)
    accounts = get_user_model()._default_manager.filter(pk__in=work, is_active=True).exclude(email="")
    done = TranslationDigest.objects.filter(Q(sent_on__gte=today) | Q(is_wanted=False)).values("user")
    sent, failures = 0, []
    for user in accounts.exclude(pk__in=done).order_by("pk"):
        try:
            sent += _send_digest(user, work[user.pk], today)
        except Exception as error:  # Whatever a page contains: the others get their e-mail.
            logger.exception("the digest of account %s could not be made", user.pk)
            failures.append(f"the daily e-mail of account {user.pk} could not be made: {type(error).__name__}: {error}")
    return sent, failures


@transaction.atomic
def _send_digest(user: Any, items: Sequence[WorkItem], today: datetime.date) -> bool:
    """Store the e-mail and return True; return False if it is stored already, or if the account may see no page."""
    shown = _first_visible(items, user.email)
    if not shown:
        return False
    TranslationDigest.objects.get_or_create(user=user)
    rows = TranslationDigest.objects.filter(pk=user.pk, is_wanted=True).exclude(sent_on__gte=today)
    if not rows.update(sent_on=today, pages=[page.pk for _item, page in shown]):
        return False
    with translation.override(UserProfile.get_for_user(user).get_preferred_language()):
        context = {
            "sections": _sections(shown),
            "more": len(items) - len(shown),
            "board": _admin_url("translation_board"),
            "account": _admin_url("wagtailadmin_account"),
        }
        text = render_to_string("translations/digest_mail.txt", context)
        digest = TranslationDigest.objects.get(pk=user.pk)
        # An e-mail of an earlier day may still wait. It names pages that the row no longer lists.
        delete_messages_about(digest)
        with about(digest):
            send_mail(_("Your translations"), text, None, [user.email])
    return True


def _first_visible(items: Sequence[WorkItem], address: str) -> list[tuple[WorkItem, Page]]:
    """Return the first MAX_PAGES_IN_MAIL items, with their pages, that the account with this address may see."""
    found: list[tuple[WorkItem, Page]] = []
    for start in range(0, len(items), MAX_PAGES_IN_MAIL):
        part = items[start : start + MAX_PAGES_IN_MAIL]
        pages = Page.objects.filter(pk__in=[item.page_id for item in part]).specific(defer=True)
        by_key = {page.pk: page for page in pages.select_related("locale")}
        known = [(item, by_key[item.page_id]) for item in part if item.page_id in by_key]
        found += [(item, page) for item, page in known if account_may_view(page, address)]
        if len(found) >= MAX_PAGES_IN_MAIL:
            break
    return found[:MAX_PAGES_IN_MAIL]


def _sections(items: Sequence[tuple[WorkItem, Page]]) -> list[dict[str, Any]]:
    """Return the headings of the e-mail with their lines."""
    headings = {
        WorkKind.SENT_BACK: _("Sent back to you"),
        WorkKind.OVERDUE: _("Overdue"),
        WorkKind.DUE_SOON: _("Due soon"),
        WorkKind.TO_REVIEW: _("Waiting for your approval"),
        WorkKind.TO_RELEASE: _("All translations of your release are approved"),
        WorkKind.ASSIGNED: _("Assigned to you"),
    }
    found = []
    for kind, heading in headings.items():
        lines = [_line(item, page) for item, page in items if item.kind == kind]
        if lines:
            found.append({"heading": heading, "lines": lines})
    return found


def _line(item: WorkItem, page: Page) -> dict[str, Any]:
    return {
        "title": " ".join(page.get_admin_display_title().split()),
        "language": page.locale.get_display_name(),
        "department": item.department,
        "due_on": item.due_on,
        "url": _url_of(item, page),
    }


def _url_of(item: WorkItem, page: Page) -> str:
    if item.kind == WorkKind.TO_RELEASE:
        return _admin_url("translation_release", page.pk)
    if item.translation_id is None:
        return _admin_url("wagtailadmin_pages:edit", page.pk)
    return _admin_url("translation_editor", item.translation_id)


def _admin_url(name: str, *arguments: Any) -> str:
    return urljoin(settings.WAGTAILADMIN_BASE_URL, reverse(name, args=arguments))


def register_digest_mail() -> None:
    """Register who receives the e-mail; called when the applications are ready."""
    register_audience(TranslationDigest, _may_receive_digest)


def _may_receive_digest(digest: TranslationDigest, address: str) -> bool:
    """Return True if the account still has this address, wants the e-mail, and may see all pages that it names."""
    if digest.user.email != address or not digest.is_wanted:
        return False
    pages = Page.objects.filter(pk__in=digest.pages).specific(defer=True)
    return len(pages) == len(digest.pages) and all(account_may_view(page, address) for page in pages)
