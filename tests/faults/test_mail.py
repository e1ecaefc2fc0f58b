"""The delivery of e-mails is interrupted at each point: each is sent, twice only if its row could not be deleted."""

from collections import Counter

import pytest
from django.core import mail
from django.core.mail import send_mail

from sites.mail import delivery

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_each_message_is_sent(page, kill, settings):
    settings.MAIL_TASKS = "mail"
    settings.TASKS = settings.TASKS | {"mail": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}

    def write(number):
        mail.outbox.clear()
        for name in ("a", "b"):
            send_mail("Subject", "Text", None, [f"{name}{number}@example.org"])
        return delivery.send_due_messages

    for injection, _error in interrupted(write, kill=kill):
        assert recover() == []
        sent = Counter(message.recipients()[0] for message in mail.outbox)
        assert len(sent) == 2, injection.happened
        # Only a death, or an error, between the mail server and the row of the message sends it twice.
        assert sum(sent.values()) <= 3 if injection.happened.startswith("DELETE") else sum(sent.values()) == 2
