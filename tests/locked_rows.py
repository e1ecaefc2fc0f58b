"""A row that another connection keeps locked."""

from contextlib import contextmanager
from threading import Event, Thread

from django.db import connection, transaction


@contextmanager
def locked_row(row):
    """Hold a lock on a row, on SQLite on the whole database, in another connection."""
    is_locked, may_end = Event(), Event()

    def hold():
        with transaction.atomic():
            type(row)._default_manager.select_for_update().get(pk=row.pk)
            is_locked.set()
            may_end.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    assert is_locked.wait(10)
    try:
        yield
    finally:
        may_end.set()
        thread.join()
