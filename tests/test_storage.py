"""A stored file is replaced while others read it, and in a process that is killed."""

import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from cms.storage import replace_file

OLD, NEW = b"old" * 100_000, b"new" * 200_000


@pytest.fixture
def storage(tmp_path):
    storage = FileSystemStorage(location=tmp_path)
    storage.save("a/b.png", ContentFile(OLD))
    return storage


def read(storage):
    with storage.open("a/b.png") as file:
        return file.read()


def test_each_reader_gets_the_whole_old_or_new_content(storage):
    seen, wrong, is_over = set(), [], threading.Event()

    def keep_reading():
        while not is_over.is_set():
            try:
                content = read(storage)
            except FileNotFoundError:
                wrong.append("missing")
            else:
                seen.add(content)

    reader = threading.Thread(target=keep_reading)
    reader.start()
    for content in (NEW, OLD) * 100:
        replace_file(storage, "a/b.png", ContentFile(content))
    is_over.set()
    reader.join()
    assert wrong == []
    assert seen <= {OLD, NEW}
    assert storage.listdir("a") == ([], ["b.png"])


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_failure_keeps_the_old_content(storage, monkeypatch, error):
    def fail(*arguments):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(error):
            replace_file(storage, "a/b.png", ContentFile(NEW))
    assert read(storage) == OLD
    assert storage.listdir("a") == ([], ["b.png"])


def test_what_a_killed_process_left_is_replaced(storage):
    storage.save("a/b.png.new", ContentFile(b"a part"))
    replace_file(storage, "a/b.png", ContentFile(NEW))
    assert read(storage) == NEW
    assert storage.listdir("a") == ([], ["b.png"])
