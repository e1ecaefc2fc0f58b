"""Command `translation_digests`: sends the daily e-mails about translations. `nightly` does so too; nobody gets two."""

from __future__ import annotations

from cms.scheduled_commands import ScheduledCommand
from cms.translations.digest.digest_mail import send_digests


class Command(ScheduledCommand):
    help = (
        "Send the daily e-mail to each account that has translations to write or to approve, unless it has had one "
        "today. nightly sends them too: run this command before it if they are to go out at another time."
    )
    lock_name = "translation_digests"

    def run(self) -> list[str]:
        sent, failures = send_digests()
        self.stdout.write(f"{sent} e-mails about translations sent")
        return failures
