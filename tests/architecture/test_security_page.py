"""docs/security.md has a line for each requirement of ASVS 5.0, levels 1 and 2, and names tests that exist."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PAGE = TOP / "docs" / "security.md"
NUMBERS = Path(__file__).with_name("asvs_numbers.txt")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)
STATES = ("met", "not met", "configuration", "n/a")
MAX_WORDS = 12


def rows():
    return [(number, *(part.strip() for part in parts)) for number, *parts in ROW.findall(PAGE.read_text())]


def test_each_requirement_has_one_line():
    expected = [line for line in NUMBERS.read_text().split("\n") if line and not line.startswith("#")]
    assert [number for number, *_parts in rows()] == expected


def test_each_line_has_a_state_and_few_words():
    for number, asks, state, _tests in rows():
        assert state.startswith(STATES), number
        assert len(asks.split()) <= MAX_WORDS, number
        # A state that is not simply met says why or by what.
        assert state.startswith(("met", "n/a")) or ":" in state or len(state.split()) > 3, number


def test_the_named_tests_exist():
    names = set(re.findall(r"`([\w/]*test_\w+\.py)`", PAGE.read_text()))
    assert len(names) > 40
    assert sorted(name for name in names if not (TOP / "tests" / name).is_file()) == []
