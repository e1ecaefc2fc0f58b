"""The form for forgotten passwords. It looks the account up in a task: its response is the same for every address.

Anybody can ask for a link to any address, so no limit of an address may keep its owner from a new password (decision
54): a client beyond its limits gets 429, but beyond the limit of the address everybody gets the usual answer, and no
further e-mail is sent. The links that were sent stay valid, whatever is asked for later, and a login or a new password
begins a new count.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from django_tasks import task
from wagtail.admin.forms.auth import PasswordResetForm
from wagtail.admin.views.account import PasswordResetView

from sites.audit_log.account_events import record_reset_request
from sites.mail.audience import about, register_audience
from sites.mail.tasks import MAIL_QUEUE
from sites.rate_limits.client_address import client_address
from sites.rate_limits.limiter import RateLimitExceeded, consume

RATE_LIMIT = "reset.address"
USED_UP = "_reset_mails_used_up"  # attribute of a request


def count_reset(request: HttpRequest, arguments: Mapping[str, Any]) -> None:
    """Count a request for a new password before its view and its transaction begin. Beyond the limit no e-mail is sent.

    Without the account, which a receiver would look up: the queries are the same for every address.
    """
    email = request.POST.get("email", "").strip()
    try:
        if email:
            consume(RATE_LIMIT, email, request=request)
    except RateLimitExceeded:
        setattr(request, USED_UP, True)


class QueuedPasswordResetForm(PasswordResetForm):
    """Wagtail's form. Only the task makes a query or an e-mail that depends on the account."""

    def save(self, *args: Any, **options: Any) -> None:
        """Enqueue the task after the commit, unless the address has had its e-mails of the day."""
        request = options.get("request")
        if getattr(request, USED_UP, False):
            return
        enqueue = send_password_reset.using(backend=settings.MAIL_TASKS).enqueue
        language, client = translation.get_language() or "", client_address(request) if request else ""
        transaction.on_commit(partial(enqueue, self.cleaned_data["email"], language, client))


class DirectPasswordResetForm(PasswordResetForm):
    """Django's form, which creates the token, with its e-mail marked as being about the account."""

    def send_mail(self, subject_template: Any, text_template: Any, context: Any, *args: Any, **options: Any) -> None:
        with about(context["user"]):
            super().send_mail(subject_template, text_template, context, *args, **options)


@task(queue_name=MAIL_QUEUE)
def send_password_reset(email: str, language: str, client: str = "") -> None:
    """Put a link to a new password into the outbox, if an active account with a password has this address.

    `client` is the IP address from which the request came, for the audit log.
    """
    record_reset_request(email, client)
    form = DirectPasswordResetForm({"email": email})
    if form.is_valid():
        with translation.override(language or settings.LANGUAGE_CODE):
            form.save(
                domain_override=urlsplit(settings.WAGTAILADMIN_BASE_URL).netloc,
                subject_template_name=PasswordResetView.subject_template_name,
                email_template_name=PasswordResetView.email_template_name,
            )


def register_account_mail() -> None:
    """Register who receives e-mails about an account; called when the applications are ready."""
    register_audience(get_user_model(), _may_receive_reset)


def _may_receive_reset(account: Any, address: str) -> bool:
    """Return True if the account is active and has this address, as it may have been closed or changed meanwhile."""
    return bool(account.is_active) and account.email.lower() == address.lower()
