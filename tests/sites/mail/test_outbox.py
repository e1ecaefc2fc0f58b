"""Tests of the outbox: nobody waits for the mail server, and a failure is tried again."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from sites.mail.delivery import PAUSES, RETENTION, send_due_messages
from sites.mail.models import OutgoingMessage
from tests.factories.users import make_user

from .servers import listening, refuse_recipients, release, stay_silent

SMTP = "django.core.mail.backends.smtp.EmailBackend"

pytestmark = pytest.mark.embedded


def write(recipient="a@example.org"):
    send_mail("Subject", "Text", None, [recipient])


def use_server(settings, port, timeout):
    settings.MAIL_TRANSPORT, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", port
    settings.EMAIL_TIMEOUT = timeout


@pytest.mark.django_db(transaction=True)
def test_password_resets_answer_at_once_when_the_mail_server_stays_silent(client, settings, background):
    settings.MAIL_TASKS = "background"
    make_user("somebody")
    with listening(stay_silent) as (port, connections):
        use_server(settings, port, timeout=60)
        began = time.monotonic()
        for _ in range(3):
            response = client.post(reverse("wagtailadmin_password_reset"), {"email": "somebody@example.org"})
            assert response.status_code == 302
        while not connections and time.monotonic() - began < 30:
            time.sleep(0.05)  # The thread connects after the responses.
        # All responses are here while the server still holds its connection.
        assert connections
        assert time.monotonic() - began < 30
        while connections[0].fileno() != -1:
            release(connections)
        background.finish()
    message = OutgoingMessage.objects.order_by("pk").first()
    assert (message.state, message.attempts, message.recipient) == ("waiting", 1, "somebody@example.org")
    assert not OutgoingMessage.objects.filter(next_attempt_at__lte=timezone.now()).exists()


@pytest.mark.django_db
def test_a_silent_server_costs_one_time_limit_for_all_messages(settings):
    for number in range(5):
        write(f"{number}@example.org")
    with listening(stay_silent) as (port, connections):
        use_server(settings, port, timeout=0.2)
        assert send_due_messages() > timezone.now()
        assert len(connections) == 1
    assert sum(OutgoingMessage.objects.values_list("attempts", flat=True)) == 1
    assert not OutgoingMessage.objects.filter(next_attempt_at__lte=timezone.now()).exists()


@pytest.mark.django_db
def test_the_number_of_attempts_is_bounded_and_the_command_sends_again(settings):
    write()
    settings.MAIL_TRANSPORT, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1
    pauses = []
    for _ in range(len(PAUSES) + 5):
        began = timezone.now()
        send_due_messages()
        message = OutgoingMessage.objects.get()
        pauses.append(message.next_attempt_at - began)
        OutgoingMessage.objects.update(next_attempt_at=timezone.now())
    assert (message.state, message.attempts, message.error) == ("failed", len(PAUSES) + 1, "ConnectionRefusedError")
    assert [round(pause.total_seconds()) for pause in pauses[:3]] == [60, 300, 900]

    settings.MAIL_TRANSPORT = "django.core.mail.backends.locmem.EmailBackend"
    send_due_messages()
    assert not mail.outbox
    output = StringIO()
    call_command("outgoing_mail", "--failed", stdout=output)
    assert "ConnectionRefusedError" in output.getvalue()
    call_command("outgoing_mail", "--failed", "--send", stdout=StringIO())
    assert [each.to for each in mail.outbox] == [["a@example.org"]]
    assert not OutgoingMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "state"), [(550, "failed"), (450, "waiting")])
def test_a_refused_recipient_holds_no_other_message(settings, code, state):
    write()
    write("b@example.org")
    with listening(refuse_recipients(code)) as (port, connections):
        use_server(settings, port, timeout=5)
        send_due_messages()
        assert len(connections) == 1
    assert (
        list(OutgoingMessage.objects.values_list("state", "attempts", "error"))
        == [(state, 1, f"SMTPRecipientsRefused {code}")] * 2
    )


@pytest.mark.django_db
def test_a_change_that_is_rolled_back_sends_nothing(commits):
    with commits(), transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert not OutgoingMessage.objects.exists()
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_inside_a_transaction():
    OutgoingMessage.objects.create(recipient="a@example.org", content={})
    with transaction.atomic(), pytest.raises(RuntimeError):
        send_due_messages()


@pytest.mark.django_db
def test_a_message_is_sent_as_it_was_written(commits):
    with commits():
        message = EmailMultiAlternatives(
            "Sujet é", "Texte", "from@example.org", ["a@example.org"], bcc=["b@example.org"], headers={"X-Test": "1"}
        )
        message.attach_alternative("<p>Texte</p>", "text/html")
        message.attach("données.csv", "a;b", "text/csv")
        assert message.send() == 1
    assert [each.recipients() for each in mail.outbox] == [["a@example.org"], ["b@example.org"]]
    for sent in mail.outbox:
        assert (sent.subject, sent.body, sent.from_email, sent.to) == (
            "Sujet é", "Texte", "from@example.org", ["a@example.org"],
        )  # fmt: skip
        assert sent.extra_headers == {"X-Test": "1"}
        assert "b@example.org" not in sent.message().as_string()
        assert "text/html" in sent.message().as_string()
        assert "text/csv" in sent.message().as_string()


@pytest.mark.django_db
def test_messages_that_could_not_be_sent_are_deleted_with_their_links():
    write()
    OutgoingMessage.objects.update(state="failed", created_at=timezone.now() - RETENTION - timedelta(seconds=1))
    call_command("nightly", stdout=StringIO())
    assert not OutgoingMessage.objects.exists()
