"""Differences of texts: readable, complete, and in a bounded time for any text."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sites import text_differences as module
from sites.text_differences import ADDITION, DELETION, EQUAL, Part, text_differences

WORDS = [f"word{number}" for number in range(120)]


@pytest.mark.parametrize(
    ("former", "present", "expected"),
    [
        ("", "", []),
        ("", "Un", [(ADDITION, "Un")]),
        ("Un", "", [(DELETION, "Un")]),
        ("Un deux", "Un deux", [(EQUAL, "Un deux")]),
        ("le lundi.", "le mardi.", [(EQUAL, "le "), (DELETION, "lundi"), (ADDITION, "mardi"), (EQUAL, ".")]),
        # A space alone between two changes is no help to a reader.
        ("un chat noir", "un chien gris", [(EQUAL, "un "), (DELETION, "chat noir"), (ADDITION, "chien gris")]),
        ("a b", "a x b", [(EQUAL, "a "), (ADDITION, "x "), (EQUAL, "b")]),
    ],
)
def test_parts(former, present, expected):
    assert text_differences(former, present) == [Part(*part) for part in expected]


texts = st.lists(st.sampled_from(["a", "b", " ", ".", "é", "\n", "mot"]), max_size=40).map("".join)


@given(texts, texts)
def test_both_texts_can_be_read_from_the_parts(former, present):
    parts = text_differences(former, present)
    assert "".join(part.text for part in parts if part.kind != ADDITION) == former
    assert "".join(part.text for part in parts if part.kind != DELETION) == present
    assert all(part.text for part in parts)
    assert all(one.kind != other.kind for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("former", "present"),
    [
        ("." * 4_900, ".," * 2_450),
        (" ".join(random.Random(1).choices(WORDS, k=2_400)), " ".join(random.Random(2).choices(WORDS, k=2_400))),
        (" ".join(random.Random(1).choices(WORDS, k=60_000)), " ".join(random.Random(2).choices(WORDS, k=60_000))),
    ],
)
def test_no_text_takes_long(former, present):
    started = time.process_time()
    assert text_differences(former, present)
    assert time.process_time() - started < 1  # difflib takes from seconds to hours


def test_texts_beyond_the_limit_are_shown_one_after_the_other(monkeypatch):
    monkeypatch.setattr(module, "MAX_PAIRS", 8)
    assert text_differences("x a c d y", "x b c e y") == [
        (EQUAL, "x "), (DELETION, "a c d"), (ADDITION, "b c e"), (EQUAL, " y"),
    ]  # fmt: skip
