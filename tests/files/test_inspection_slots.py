"""The number of concurrent inspections is limited, so that uploads do not hold the threads of a web process."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from cms.media.inspection import inspector, refusal
from cms.media.inspection.inspector import FileRefused, inspect_file
from cms.users.models import User
from sites.people.request_context import handling


@contextmanager
def waits_for(slot, *, is_displaceable):
    """Let another thread wait for `slot` during the block; yield the list that gets its result."""
    answers = []
    wait = inspector.waiting.wait_for
    thread = threading.Thread(target=lambda: answers.append(wait(slot, 30, is_displaceable=is_displaceable)))
    thread.start()
    while inspector.waiting._present is None:
        time.sleep(0.01)
    yield answers
    inspector.waiting._present and inspector.waiting._present.is_displaced.set()
    thread.join()


def test_a_request_does_not_wait_long_for_other_inspections(monkeypatch, rf):
    monkeypatch.setattr(inspector, "slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(inspector, "SECONDS_OF_WAITING", 0.1)
    monkeypatch.setattr(inspector, "run", inspector.run.run)
    inspector.slots.acquire()
    with handling(rf.post("/")), translation.override("fr"), pytest.raises(FileRefused) as refused:
        inspect_file(SimpleUploadedFile("a.zip", b"PK"), "document")
    assert refused.value.reason == refusal.BUSY
    assert "dans une minute" in refused.value.message


def test_one_request_waits_for_a_slot_and_the_others_are_answered_at_once(monkeypatch, rf):
    """Four uploads held the four threads of a web process."""
    monkeypatch.setattr(inspector, "slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(inspector, "run", inspector.run.run)
    inspector.slots.acquire()
    with waits_for(inspector.slots, is_displaceable=False):
        started = time.monotonic()
        with handling(rf.post("/")), pytest.raises(FileRefused) as refused:
            inspect_file(SimpleUploadedFile("a.zip", b"PK"), "document")
        assert refused.value.reason == refusal.BUSY
        assert time.monotonic() - started < inspector.SECONDS_OF_WAITING / 2


def test_a_waiting_second_file_of_an_account_is_displaced_by_another_account(monkeypatch, rf):
    """It waited for five seconds, and the files of all other accounts were refused at once."""
    monkeypatch.setattr(inspector, "slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(inspector, "run", inspector.run.run)
    monkeypatch.setattr(inspector, "_run", lambda *args: inspector.Inspection())
    inspector.slots.acquire()
    request = rf.post("/")
    request.user = User(pk=2)
    own = threading.Lock()
    own.acquire()
    with waits_for(own, is_displaceable=True) as has_slot:
        threading.Timer(0.2, inspector.slots.release).start()
        with handling(request):
            assert inspect_file(SimpleUploadedFile("a.zip", b"PK"), "document") == inspector.Inspection()
    assert has_slot == [False]


def test_one_account_leaves_a_slot_to_the_others(monkeypatch, rf):
    """Three uploads of one account, one after another, kept the files of all departments from being inspected."""
    monkeypatch.setattr(inspector, "run", inspector.run.run)
    monkeypatch.setattr(inspector, "SECONDS_OF_WAITING", 0.1)
    monkeypatch.setattr(inspector, "_run", lambda *args: inspector.Inspection())
    requests = [rf.post("/"), rf.post("/")]
    for number, request in enumerate(requests, 1):
        request.user = User(pk=number)
    upload = SimpleUploadedFile("a.zip", b"PK")
    with inspector.slots_of_accounts[1]:
        with handling(requests[0]), pytest.raises(FileRefused) as refused:
            inspect_file(upload, "document")
        assert refused.value.reason == refusal.BUSY
        with handling(requests[1]):
            assert inspect_file(upload, "document") == inspector.Inspection()
    with handling(requests[0]):
        assert inspect_file(SimpleUploadedFile("b.zip", b"PK"), "document") == inspector.Inspection()


def test_a_request_ends_before_the_database_ends_its_transaction(settings):
    assert settings.DATABASE_IDLE_SECONDS > inspector.SECONDS + inspector.SECONDS_OF_WAITING


def test_a_file_that_takes_too_long_is_refused_in_a_request(measured, monkeypatch, rf):
    inspector.PROGRAM.write_text("import time; time.sleep(30)")
    monkeypatch.setattr(inspector, "SECONDS", 0.2)
    with handling(rf.post("/")), pytest.raises(FileRefused) as refused:
        inspect_file(SimpleUploadedFile("a.zip", b"PK"), "document")
    assert refused.value.reason == refusal.TOO_COMPLEX
