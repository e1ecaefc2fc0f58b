"""Real processes are ended by SIGKILL in the middle of a step."""

import os
import signal

import pytest
from django.core.mail import send_mail

from sites.mail.models import OutgoingMessage
from tests.child_processes import start_child

from .injection import Injection
from .recovery import recover
from .test_publication import publish, rename_what_pages_show
from .test_search_index import update

pytestmark = pytest.mark.django_db(transaction=True)


class Kill(Injection):
    """Ends the process itself at a point."""

    def reach(self, name, error):
        self.names.append(name)
        if len(self.names) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def run_in_child(step, at):
    """Run a step in a child process that kills itself at a point; return True if it was killed."""

    def work():
        with Kill(at, kill=True).installed():
            step()

    return os.WIFSIGNALED(os.waitpid(start_child(work), 0)[1])


@pytest.mark.parametrize("step", [publish, rename_what_pages_show, update], ids=lambda step: step.__name__)
def test_a_killed_process_leaves_nothing_undone(page, step):
    for number in (2, 4):
        assert run_in_child(step(page, number), number)
        assert recover() == []


def test_a_killed_delivery_is_resumed(page, settings):
    settings.MAIL_TASKS = "mail"
    settings.TASKS = settings.TASKS | {"mail": {"BACKEND": "django_tasks.backends.dummy.DummyBackend", "QUEUES": []}}
    from sites.mail.delivery import send_due_messages

    send_mail("Subject", "Text", None, ["a@example.org"])
    assert run_in_child(send_due_messages, 2)
    assert OutgoingMessage.objects.get().attempts == 1
    assert recover() == []
