"""Test of the locks between processes."""

import pytest

from cms.locks import ProcessLock


@pytest.mark.postgresql
@pytest.mark.django_db
def test_a_lock_is_free_before_the_server_notices_the_closed_connection(monkeypatch):
    """A run that starts when another run ends gets the lock."""
    lock = ProcessLock("again")
    assert lock.acquire()
    holder = lock._holder
    with monkeypatch.context() as slow:
        slow.setattr(type(holder), "close", lambda wrapper: None)
        lock.release()
    try:
        assert not lock.is_taken()
    finally:
        holder.close()
