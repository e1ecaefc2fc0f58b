"""Runs what waits for the commit, in tests that never commit."""

from django.db import connection


def run_commit_callbacks():
    """Run the callbacks that wait for the commit, and those that they leave in turn.

    As a real commit does, and unlike Django's `captureOnCommitCallbacks`, it forgets what it runs: code that asks
    whether something is waiting already must not find what an earlier block has done.
    """
    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, callback, _is_robust in waiting:
            callback()
