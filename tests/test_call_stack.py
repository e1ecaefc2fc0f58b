"""Deep calls below a function with a reserved call stack map no memory."""

import resource

from cms import wsgi
from cms.overrides.call_stack import FRAME_WORDS, reserve_call_stack

CALLS = 100
# More than a request of the admin is deep; the frames that pytest adds count too.
DEPTH = 300


def leaf():
    return None


def call_at(depth):
    """Call a function many times with so many frames above it."""
    if depth:
        call_at(depth - 1)
    else:
        for _number in range(CALLS):
            leaf()


def page_faults(function):
    """Return how many pages of memory the process gets while a function runs for the second time."""
    function()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    function()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def test_loops_at_any_depth_map_no_memory():
    @reserve_call_stack
    def call_at_every_depth():
        for depth in range(DEPTH):
            call_at(depth)

    # Where a loop crosses the end of a chunk, each of its calls gets a page.
    assert page_faults(call_at_every_depth) < CALLS


def test_requests_have_a_reserved_call_stack():
    assert wsgi.application.__code__.co_stacksize == FRAME_WORDS
