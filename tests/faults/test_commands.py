"""The nightly command is interrupted at each point: the next run completes it, and `status` names the killed one."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from cms.management.instance_status import InstanceStatus
from search.models import SearchedWords
from sites.models import AuditLogEntry

from .injection import interrupted
from .recovery import recover

pytestmark = pytest.mark.django_db(transaction=True)


def is_recorded(point):
    """Return True if the row of the run is stored. Before, at the question for the clock, only the caller is told."""
    return point not in ("", "SELECT") and "scheduledrun" not in point


def nightly():
    call_command("nightly", stdout=StringIO())


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_the_next_night_completes_what_one_did_not(page, kill):
    def prepare(number):
        old = timezone.now() - datetime.timedelta(days=4000)
        AuditLogEntry.objects.create(action=AuditLogEntry.Action.LOGIN, timestamp=old)
        SearchedWords.objects.create(search_key=str(number), day=old.date(), words="chat", hits=1)
        return nightly

    for injection, error in interrupted(prepare, kill=kill):
        assert (error == "") == (not injection.happened)
        if is_recorded(injection.happened):
            assert any("nightly" in problem for problem in InstanceStatus().problems), injection.happened
        nightly()
        assert recover() == []
        assert not SearchedWords.objects.exists()
        assert not AuditLogEntry.objects.filter(action=AuditLogEntry.Action.LOGIN).exists()
