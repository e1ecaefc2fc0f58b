"""Loads the demo once for the tests of a module."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import TestCase

from tests.commits import drop_commit_callbacks
from tests.snapshots import committed


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Commit the demo for all tests of one module; yield the output of the command."""
    with django_db_blocker.unblock(), committed_demo() as output:
        yield output


def committed_demo():
    """Return a context manager that loads the demo, yields the output, and removes the demo."""
    return committed("demo", load_demo)


def load_demo(*arguments):
    """Run the command, with what it leaves for after the commit; return what it prints."""
    output = StringIO()
    with TestCase.captureOnCommitCallbacks(execute=True):
        call_command("load_demo", *(arguments or ["--without-accounts"]), stdout=output)
    # The callbacks have run, and a later `commits()` block must not run them again.
    drop_commit_callbacks()
    return output.getvalue()
