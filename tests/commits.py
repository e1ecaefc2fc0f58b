"""Commit callbacks in tests that never commit.

Replaces: no code, but calls `connection.run_on_commit` of Django, which is not documented.
Why no hook serves: `TestCase.captureOnCommitCallbacks` runs only callbacks registered inside its block, runs them
    also when the block raises, and does not remove them from the connection.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: every test that uses the fixture `commits` fails if the attribute changes.
"""

from django.db import connection

from cms.delivery import refresh_requests
from tests.factories.recording import recorded


def run_commit_callbacks(*, may_repeat=False):
    """Run the waiting callbacks, and those that they register, and remove them from the connection as a commit does.

    With `may_repeat`, pages are published by the recorded statements of an earlier call on the same rows.
    """
    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, callback, _is_robust in waiting:
            if may_repeat and _processes_requests(callback):
                _process_requests(callback)
            else:
                callback()


def _processes_requests(callback):
    """Return True if all that a callback does is to publish the pages of the waiting refresh requests."""
    return getattr(callback, "func", None) == refresh_requests._processing._run


def _process_requests(callback):
    """Publish the pages of the waiting requests as this callback would, by recorded statements."""
    processing, own_pages = refresh_requests._processing, refresh_requests._own_pages
    if callback.args[0] > processing._served:
        processing._served = processing._last
        _publish(sorted(own_pages.ids))
        own_pages.ids = set()


@recorded
def _publish(own_pages):
    refresh_requests._process()


def drop_commit_callbacks():
    """Remove the waiting callbacks, as if the process died right after the commit."""
    connection.run_on_commit.clear()
