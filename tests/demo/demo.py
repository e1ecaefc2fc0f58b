"""Loads the demo once for the tests of a module."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase

from tests.commits import drop_commit_callbacks


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Load the demo in a transaction that is rolled back after the last test of the module; yield the output."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo()
        transaction.set_rollback(True)


def load_demo(*arguments):
    """Run the command, with what it leaves for after the commit; return what it prints."""
    output = StringIO()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("load_demo", *(arguments or ["--without-accounts"]), stdout=output)
    # The callbacks have run, and a later `commits()` block must not run them again.
    drop_commit_callbacks()
    return output.getvalue()
