"""Sends the messages of the outbox, outside transactions, with bounded time and a bounded number of attempts."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F, QuerySet
from django.dispatch import Signal
from django.utils import timezone

from .audience import may_receive
from .models import LONGEST_ERROR, OutgoingMessage, StoredEmail

logger = logging.getLogger(__name__)

# Pauses after the first, second, … attempt; after the attempt that follows the last pause the message has failed.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
# Pause of all messages after the server did not answer, so that not each of them waits for a time limit.
OUTAGE_PAUSE = timedelta(minutes=1)
# Age at which a message is deleted that could not be sent.
RETENTION = timedelta(days=7)
PERMANENT_FAILURE = 500
# The number of due messages that a run tries to claim while other processes claim some too.
CLAIM_ATTEMPTS = 20

message_sent = Signal()
"""Sent with `instance`, the object of a message, when the message was handed over to the mail server."""


def send_due_messages() -> datetime | None:
    """Send all messages that are due; return the time of the next attempt if one failed, or None.

    The run ends at the first failure of the server, so it waits for one time limit only (EMAIL_TIMEOUT). Raise
    RuntimeError inside a transaction.
    """
    retry_at: datetime | None = None
    transport: Any = get_connection(settings.MAIL_TRANSPORT)
    try:
        while (message := _claim()) is not None:
            try:
                _send(message, transport)
            except Exception as error:
                outage = _record_failure(message, error)
                retry_at = min(filter(None, (retry_at, message.next_attempt_at)))
                if outage:
                    return _postpone_all(retry_at)
    finally:
        transport.close()
    return retry_at


def send_again(messages: QuerySet[OutgoingMessage]) -> None:
    """Send the messages now, the failed ones too, with all their attempts. Raise RuntimeError inside a transaction."""
    messages.update(state=OutgoingMessage.State.WAITING, attempts=0, next_attempt_at=timezone.now())
    send_due_messages()


def delete_expired_messages() -> int:
    """Delete the messages that are older than RETENTION; return their number. Only `nightly` calls it.

    A task does not: with a wrong clock it would delete messages that nobody has received.
    """
    return OutgoingMessage.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()[0]


def _claim() -> OutgoingMessage | None:
    """Return the next due message, postponed to its next attempt so that no other process sends it too.

    A process that ends while it sends leaves the message for the next attempt.
    """
    now = timezone.now()
    due = OutgoingMessage.objects.filter(state=OutgoingMessage.State.WAITING, next_attempt_at__lte=now)
    for message in due.select_related("content_type")[:CLAIM_ATTEMPTS]:
        pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
        unclaimed = OutgoingMessage.objects.filter(pk=message.pk, attempts=message.attempts)
        with transaction.atomic(durable=True):
            is_claimed = unclaimed.update(attempts=F("attempts") + 1, next_attempt_at=now + pause)
        if is_claimed:
            message.attempts, message.next_attempt_at = message.attempts + 1, now + pause
            return message
    return None


def _send(message: OutgoingMessage, transport: Any) -> None:
    """Send a message and delete its row; delete it without sending if the recipient may no longer see the object."""
    subject = message.subject_object
    if message.content_type_id is not None and (subject is None or not may_receive(subject, message.recipient)):
        logger.info("The outgoing message %s is withheld: its recipient may not see the object", message.pk)
        message.delete()
        return
    email = StoredEmail(message)
    transport.open()  # Keeps one connection for the run; does nothing if it is open.
    email.connection = transport
    email.send()
    message.delete()
    if subject is not None:
        message_sent.send_robust(sender=type(subject), instance=subject)


def _record_failure(message: OutgoingMessage, error: Exception) -> bool:
    """Store the failure of an attempt. Return True if the server is at fault, False if this message is.

    The error is stored without its text, which may quote addresses or the message.
    """
    codes = _status_codes(error)
    is_final = bool(codes) and min(codes) >= PERMANENT_FAILURE
    is_outage = isinstance(error, OSError) and not codes  # SMTPException is a subclass of OSError.
    if not isinstance(error, OSError):
        logger.exception("The outgoing message %s could not be prepared", message.pk)
    else:
        logger.warning("The outgoing message %s could not be sent: %s %s", message.pk, type(error).__name__, codes)
    if is_final or message.attempts > len(PAUSES):
        message.state = OutgoingMessage.State.FAILED
    message.error = " ".join([type(error).__name__, *map(str, codes)])[:LONGEST_ERROR]
    message.save(update_fields=["state", "error"])
    return is_outage


def _status_codes(error: Exception) -> list[int]:
    """Return the SMTP status codes with which the server refused this message, its sender or its recipient."""
    if isinstance(error, SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    if isinstance(error, SMTPDataError | SMTPSenderRefused):
        return [error.smtp_code]
    return []


def _postpone_all(retry_at: datetime) -> datetime:
    """Postpone the messages that are due and return the time of the next attempt."""
    now = timezone.now()
    resume_at = now + OUTAGE_PAUSE
    due = OutgoingMessage.objects.filter(state=OutgoingMessage.State.WAITING, next_attempt_at__lte=now)
    return resume_at if due.update(next_attempt_at=resume_at) else retry_at
