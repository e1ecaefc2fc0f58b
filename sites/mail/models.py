"""The outbox: e-mails that are not sent yet, and e-mails that could not be sent."""

from __future__ import annotations

import base64
from email.mime.base import MIMEBase
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_ERROR = 200


class OutgoingMessage(models.Model):
    """An e-mail to one address. The row is deleted when the e-mail is sent or may no longer be sent.

    `subject_object` is the object that the e-mail is about; the recipient must be allowed to see it when the e-mail is
    sent. `content` holds the arguments of Django's EmailMultiAlternatives. It may contain a one-time link, which is why
    `nightly` deletes the rows of failed messages too, after `delivery.RETENTION`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        FAILED = "failed", _("failed")

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    recipient = models.CharField(_("recipient"), max_length=320)
    content = models.JSONField(_("content"))
    content_type = models.ForeignKey(
        ContentType, verbose_name=_("content type"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    object_id = models.CharField(_("object id"), max_length=255, blank=True)
    subject_object = GenericForeignKey("content_type", "object_id", for_concrete_model=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), default=timezone.now)
    error = models.CharField(_("error"), max_length=LONGEST_ERROR, blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ("next_attempt_at", "pk")
        indexes = (models.Index(fields=("state", "next_attempt_at"), name="outgoing_message_due"),)

    def __str__(self) -> str:
        return f"{self.pk} ({self.state})"


def delete_messages_about(instance: models.Model) -> None:
    """Delete the e-mails about an object that are not sent, in the caller's transaction."""
    content_type = ContentType.objects.get_for_model(instance, for_concrete_model=False)
    OutgoingMessage.objects.filter(content_type=content_type, object_id=str(instance.pk)).delete()


def rows_of_email(email: EmailMessage, subject: models.Model | None) -> list[OutgoingMessage]:
    """Return one unsaved row for each recipient of an e-mail, so that each is checked and sent on its own.

    Every recipient gets the message with its original `To` and `Cc` headers, as with one delivery to all of them.
    """
    content: dict[str, Any] = {
        "subject": str(email.subject),
        "body": str(email.body),
        "from_email": str(email.from_email),
        "to": list(map(str, email.to)),
        "cc": list(map(str, email.cc)),
        "reply_to": list(map(str, email.reply_to)),
        "headers": {name: str(value) for name, value in email.extra_headers.items()},
        "alternatives": [[str(text), kind] for text, kind in getattr(email, "alternatives", ())],
        "attachments": [_encode_attachment(each) for each in email.attachments],
        "content_subtype": email.content_subtype,
    }
    # For `subject_object`, a proxy or a subclass of a page is a row of its own model.
    content_type = ContentType.objects.get_for_model(subject, for_concrete_model=False) if subject else None
    return [
        OutgoingMessage(
            recipient=address,
            content=content,
            content_type=content_type,
            object_id="" if subject is None else str(subject.pk),
        )
        for address in map(str, email.recipients())
    ]


class StoredEmail(EmailMultiAlternatives):
    """An e-mail from the outbox, which goes to the recipient of its row only."""

    def __init__(self, row: OutgoingMessage) -> None:
        content = dict(row.content)
        alternatives = [tuple(each) for each in content.pop("alternatives")]
        attachments: list[Any] = [_decode_attachment(each) for each in content.pop("attachments")]
        content_subtype = content.pop("content_subtype")
        super().__init__(**content, alternatives=alternatives, attachments=attachments)
        self.content_subtype = content_subtype
        self._recipient = row.recipient

    def recipients(self) -> list[str]:
        return [self._recipient]


def _encode_attachment(attachment: Any) -> list[str | None]:
    if isinstance(attachment, MIMEBase):
        payload = attachment.get_payload(decode=True)
        name, content, kind = attachment.get_filename(), payload, attachment.get_content_type()
    else:
        name, content, kind = attachment
    data = content.encode() if isinstance(content, str) else bytes(content or b"")
    return [name, base64.b64encode(data).decode(), kind]


def _decode_attachment(values: list[str | None]) -> tuple[str | None, bytes, str | None]:
    name, data, kind = values
    return name, base64.b64decode(data or ""), kind
