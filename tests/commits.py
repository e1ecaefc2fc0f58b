"""Commit callbacks in tests that never commit.

Replaces: no code, but calls `connection.run_on_commit` of Django, which is not documented.
Why no hook serves: `TestCase.captureOnCommitCallbacks` runs only callbacks registered inside its block, runs them
    also when the block raises, and does not remove them from the connection.
Written for: Django 5.2.
Upstream issue: none found.
Test that fails when upstream changes: every test that uses the fixture `commits` fails if the attribute changes.
"""

from django.db import connection


def run_commit_callbacks():
    """Run the waiting callbacks, and those that they register, and remove them from the connection as a commit does."""
    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, callback, _is_robust in waiting:
            callback()


def drop_commit_callbacks():
    """Remove the waiting callbacks, as if the process died right after the commit."""
    connection.run_on_commit.clear()
