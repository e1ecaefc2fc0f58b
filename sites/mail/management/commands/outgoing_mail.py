"""Command `outgoing_mail`: lists the e-mails that wait or could not be sent, sends them again or deletes them."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sites.mail.delivery import send_again
from sites.mail.models import OutgoingMessage


class Command(BaseCommand):
    help = "List the e-mails that wait or could not be sent: number, state, attempts, next attempt, recipient, error."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("messages", nargs="*", type=int, metavar="NUMBER", help="only these; all by default")
        parser.add_argument("--failed", action="store_true", help="only those that are not tried any more")
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--send", action="store_true", help="send them now, the failed ones too")
        action.add_argument("--delete", action="store_true", help="delete them without sending")

    def handle(self, *args: Any, messages: list[int], failed: bool, send: bool, delete: bool, **options: Any) -> None:
        selected = OutgoingMessage.objects.all()
        if messages:
            selected = selected.filter(pk__in=messages)
        if failed:
            selected = selected.filter(state=OutgoingMessage.State.FAILED)
        if delete:
            number, _models = selected.delete()
            self.stdout.write(f"{number} deleted")
            return
        keys = list(selected.values_list("pk", flat=True))
        if send:
            send_again(selected)
        for message in OutgoingMessage.objects.filter(pk__in=keys):
            next_attempt = f"{message.next_attempt_at:%Y-%m-%d %H:%M} UTC" if message.state == "waiting" else "-"
            columns = [message.pk, message.state, message.attempts, next_attempt, message.recipient, message.error]
            self.stdout.write("\t".join(map(str, columns)))
