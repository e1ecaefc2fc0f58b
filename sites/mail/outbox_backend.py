"""The value of EMAIL_BACKEND: stores e-mails in the outbox, in the transaction of the caller.

Django, Wagtail and this product send through it, so that no request and no transaction waits for the mail server, and
no e-mail is sent about a change that is rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from .audience import current_subject
from .models import OutgoingMessage, rows_of_email
from .tasks import schedule_delivery


class OutboxBackend(BaseEmailBackend):
    """Stores each e-mail, once for each recipient; `sites.mail.delivery` sends it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Store the e-mails and return their number. An e-mail without recipient or with a bad header is refused."""
        emails = [email for email in email_messages if email.recipients()]
        for email in emails:
            email.message()  # Raises BadHeaderError here, where the caller sees it, and not in the task.
        subject = current_subject()
        with transaction.atomic():
            OutgoingMessage.objects.bulk_create(row for email in emails for row in rows_of_email(email, subject))
            if emails:
                schedule_delivery()
        return len(emails)
