"""The thread of a process that does what nobody waits for."""

import subprocess
import sys

ENDING = """
import time
from concurrent.futures import thread
from cms.background import background

def last():
    while not thread._shutdown:
        time.sleep(0.01)
    background.queue(("in turn", ""), lambda: print("in turn"))
    print("done")

background.queue(("first", ""), last)
"""


def test_a_process_that_ends_does_what_is_queued_and_says_nothing_of_the_rest():
    ended = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
