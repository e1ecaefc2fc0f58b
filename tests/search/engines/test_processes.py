"""The embedded index with several processes that write and read, some of which are killed."""

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from django.utils import timezone

from search.engines.embedded.engine import EmbeddedStore
from search.query.search_query import SearchQuery, parse_words

from .samples import document

ROOT = Path(__file__).resolve().parents[3]
NAME = "shared"
# The start of each program. Its first argument is the folder of the index.
PROLOGUE = """
import os, random, signal, sys, time
from pathlib import Path
import django
django.setup()
from search.engines.embedded.engine import EmbeddedStore
from search.query.search_query import SearchQuery, parse_words
from tests.search.engines.samples import document
def opened():
    return EmbeddedStore(Path(sys.argv[1])).open("shared")
"""
WRITER = """
engine, first = opened(), int(sys.argv[2])
for number in range(first, first + 12):
    with engine.write_lock():
        engine.apply([document(number, f"Chimpanzé {number}")], ())
    print(number, time.time(), flush=True)
"""
# Writing child processes are killed one after the other at any moment; the index must stay usable.
KILLER = """
for attempt in range(8):
    child = os.fork()
    if not child:
        engine = opened()
        while True:
            with engine.write_lock():
                engine.apply([document(number, "Ouistiti " * 20, text="mot " * 50) for number in range(100, 200)], ())
    time.sleep(0.05 + 0.06 * attempt)
    os.kill(child, signal.SIGKILL)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    engine, begun = opened(), time.monotonic()
    with engine.write_lock():
        engine.apply([document(attempt, f"Survivant {attempt}")], ())
    assert time.monotonic() - begun < 5, "a lock was left behind"
    found = engine.search(SearchQuery(words=parse_words("survivant"))).count
    assert found == attempt + 1, (attempt, found)
    whole = sum(engine.counts().values())
    assert whole in (attempt + 1, attempt + 101), f"half of a commit: {whole}"
print("done", whole)
"""


def start(program, folder, *arguments):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cms.settings.test", "PYTHONPATH": str(ROOT), "PYTHONDEVMODE": "0",
    }  # fmt: skip
    command = [sys.executable, "-c", textwrap.dedent(PROLOGUE + program), str(folder), *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.embedded
def test_readers_see_the_newest_commit_of_each_process(tmp_path):
    engine = EmbeddedStore(tmp_path).open(NAME)
    late, failed = [], []

    def follow(writer):
        """Record the documents that are not found as soon as a process has committed them."""
        for line in writer.stdout:
            number, committed = line.split()
            found = engine.search(SearchQuery(words=parse_words(f'"Chimpanzé {number}"'))).count
            if not found or timezone.now().timestamp() - float(committed) > 1:
                late.append(number)
        if writer.wait():
            failed.append(writer.stderr.read())

    writers = [start(WRITER, tmp_path, first) for first in (100, 200)]
    threads = [threading.Thread(target=follow, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer in writers:
        writer.stdout.close()
        writer.stderr.close()
    assert failed == []
    assert late == []
    assert engine.search(SearchQuery(words=parse_words("chimpanzé"))).count == 24
    assert sum(engine.counts().values()) == 24


@pytest.mark.embedded
def test_a_killed_writer_leaves_a_usable_index(tmp_path):
    killer = start(KILLER, tmp_path)
    output, errors = killer.communicate(timeout=120)
    assert killer.returncode == 0, errors
    assert output.startswith("done")
    engine = EmbeddedStore(tmp_path).open(NAME)
    assert engine.search(SearchQuery(words=parse_words("survivant"))).count == 8


@pytest.mark.embedded
def test_concurrent_rebuilds_can_make_their_index_live(tmp_path):
    store, wrong = EmbeddedStore(tmp_path), []
    names = ["one", "other"]
    for name in names:
        store.open(name)

    def finish(name):
        try:
            for _time in range(300):
                store.make_live(name)
                assert store.live_name() in names
        except Exception as error:
            wrong.append(repr(error))

    threads = [threading.Thread(target=finish, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_failed_writer_leaves_no_lock_while_its_error_is_kept(tmp_path):
    """A log handler or a task keeps the traceback, and with it all that the writer has used."""

    def interrupted():
        yield document(1, "Chimpanzé")
        raise OSError("the database is away")

    engine = EmbeddedStore(tmp_path).open(NAME)
    with pytest.raises(OSError, match="away") as kept:
        engine.apply(interrupted(), ())
    engine.apply([document(2, "Ouistiti")], ())
    assert kept.value.__traceback__
    assert sum(engine.counts().values()) == 1
