"""Tests of heading levels, footnotes, and formats of dates and amounts."""

import time

import pytest
from django.utils import translation

from cms.reader.formatting import localized_values
from cms.reader.formatting.footnotes import MAX_SEARCHED_TERMS, TextPart, mark_footnotes
from cms.reader.formatting.headings import shift_headings


@pytest.mark.parametrize(
    ("html", "level", "fitted"),
    [
        ("<h3>a</h3><h4>b</h4>", 2, "<h2>a</h2><h3>b</h3>"),
        ("<h3>a</h3><h4>b</h4>", 4, "<h4>a</h4><h5>b</h5>"),
        ("<h4>b</h4><h3>a</h3><h4>c</h4>", 3, "<h3>b</h3><h3>a</h3><h4>c</h4>"),
        ("<p>h3</p>", 2, "<p>h3</p>"),
    ],
)
def test_headings_start_at_the_given_level_and_skip_none(html, level, fitted):
    assert shift_headings(html, level) == fitted


def test_footnotes_mark_the_first_mention():
    notes = [{"term": "social work"}, {"term": "absent"}, {"term": "work"}]
    assert mark_footnotes("Of Social work and work.", notes) == [
        TextPart("Of "),
        TextPart("Social work", 1),
        TextPart(" and work."),
        TextPart("", 2),
        TextPart("", 3),
    ]
    assert mark_footnotes("", []) == []


def test_terms_are_found_in_any_case_and_keep_their_place():
    notes = [{"term": term} for term in ("İZMİR", "οδος", "École")]
    assert mark_footnotes("İİ, izmir, ΟΔΟΣ, ÉCOLE", notes) == [
        TextPart("İİ, "),
        TextPart("izmir", 1),
        TextPart(", "),
        TextPart("ΟΔΟΣ", 2),
        TextPart(", "),
        TextPart("ÉCOLE", 3),
    ]


def test_footnotes_take_little_time_whatever_the_text_repeats():
    """200 terms that almost match took 10 s of CPU at each request of a visitor."""
    notes = [{"term": "a" * 95 + f"b{number}"} for number in range(2_000)]
    start = time.process_time()
    parts = mark_footnotes("a" * 180_000, notes)
    assert time.process_time() - start < 2
    assert [part.note for part in parts] == [None, *range(1, 2_001)]


def test_the_number_of_terms_that_are_searched_is_limited():
    text = " ".join(f"[{number}]" for number in range(1, MAX_SEARCHED_TERMS + 2))
    parts = mark_footnotes(text, [{"term": f"[{number}]"} for number in range(1, MAX_SEARCHED_TERMS + 2)])
    assert [part.text for part in parts if part.note] == [
        f"[{number}]" for number in range(1, MAX_SEARCHED_TERMS + 1)
    ] + [""]
    assert "".join(part.text for part in parts) == text


@pytest.mark.parametrize(
    ("language", "date", "time", "money"),
    [
        ("fr", "mardi 2 avril 2024", "09:15", "1 234,50 €"),
        ("en", "Tuesday, 2 April 2024", "09:15", "€1,234.50"),
        ("it", "martedì 2 aprile 2024", "09:15", "1.234,50 €"),
        ("fi", "tiistai 2. huhtikuuta 2024", "9.15", "1 234,50 €"),
    ],
)
def test_formats_follow_the_language(language, date, time, money):
    with translation.override(language):
        assert localized_values.weekday_date("2024-04-02T09:15:00+02:00") == date
        assert localized_values.local_time("2024-04-02T07:15:00+00:00", "Europe/Paris") == time
        assert localized_values.money("1234.50", "EUR").replace("\u202f", " ").replace("\xa0", " ") == money


def test_partial_dates_keep_their_precision():
    with translation.override("fr"):
        assert localized_values.partial_date("2020") == "2020"
        assert localized_values.partial_date("2020-03") == "mars 2020"
        assert localized_values.partial_date("2020-03-27") == "27 mars 2020"
        assert localized_values.partial_date("fin 2020") == "fin 2020"
        assert localized_values.partial_date("peut-être") == "peut-être"


def test_durations_and_names():
    with translation.override("en"):
        assert localized_values.months(36) == "3 years"
        assert localized_values.months(18) == "18 months"
    with translation.override("it"):
        assert localized_values.months(36) == "3 anni"
        assert localized_values.months(18) == "18 mesi"
    with translation.override("en"):
        assert localized_values.duration(200) == "3 mins 20 secs"
        assert localized_values.country("IT") == "Italy"
        assert localized_values.country("ZQ") == "ZQ"
        assert localized_values.language("fi") == "Finnish"
        assert localized_values.own_language_name("fi") == "Suomi"
        assert localized_values.own_language_name("fr") == "Français"
        assert localized_values.language("qqq") == "qqq"
