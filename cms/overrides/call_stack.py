"""Room for deep calls, so that Python does not map and unmap memory again and again.

Replaces: the chunks of 16 kB in which CPython keeps the frames of a thread.
Why no hook serves: Python returns a chunk to the system as soon as the last frame in it ends. Where a loop calls a
    function just below the end of a chunk, each call maps and unmaps one. The screens of the admin spent a sixth of
    their CPU time on it, and the tests, which call from deeper, a quarter. The size of a chunk is no setting, but
    a chunk is never smaller than the frame that it is made for, and a power of two.
Written for: CPython 3.11 and 3.12; later ones keep a spare chunk.
Upstream issue: https://github.com/python/cpython/issues/142183.
Test that fails when upstream changes: tests/test_call_stack.py.
"""

from collections.abc import Callable
from types import FunctionType
from typing import TypeVar, cast

F = TypeVar("F", bound=Callable[..., object])

# Words of eight bytes: a frame of a little more than 512 kB, so that a chunk of 1 MB is made for it, and half of it is
# left for what the function calls: a thousand calls need less. Memory that is not used costs an address, no page.
FRAME_WORDS = 2**16 + 1


def reserve_call_stack(function: F) -> F:
    """Let the frame of a function (no generator) reserve room for the frames of all that it calls; return it."""
    plain = cast(FunctionType, function)
    plain.__code__ = plain.__code__.replace(co_stacksize=FRAME_WORDS)
    return function
