"""Child processes that a test kills."""

import os
import warnings

from django.db import connections


def start_child(work):
    """Run a function in a forked process with connections of its own; return the id of the process.

    The process ends with status 0 after the function and with 1 if it raises: it never goes on with the tests of its
    parent.
    """
    connections.close_all()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # The child opens its own connections.
        child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child
