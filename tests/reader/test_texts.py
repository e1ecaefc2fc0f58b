"""The pure parts: heading levels, footnotes, dates and amounts in each language."""

import pytest
from django.utils import translation

from cms.reader import formats
from cms.reader.footnotes import Part, annotate
from cms.reader.headings import fit_headings


@pytest.mark.parametrize(
    ("html", "level", "fitted"),
    [
        ("<h3>a</h3><h4>b</h4>", 2, "<h2>a</h2><h3>b</h3>"),
        ("<h3>a</h3><h4>b</h4>", 4, "<h4>a</h4><h5>b</h5>"),
        ("<h4>b</h4><h3>a</h3><h4>c</h4>", 3, "<h3>b</h3><h3>a</h3><h4>c</h4>"),
        ("<p>h3</p>", 2, "<p>h3</p>"),
    ],
)
def test_headings_start_at_their_place_and_skip_no_level(html, level, fitted):
    assert fit_headings(html, level) == fitted


def test_footnotes_mark_the_first_mention():
    notes = [{"term": "social work"}, {"term": "absent"}, {"term": "work"}]
    assert annotate("Of Social work and work.", notes) == [
        Part("Of "),
        Part("Social work", 1),
        Part(" and work."),
        Part("", 2),
        Part("", 3),
    ]
    assert annotate("", []) == []


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
        assert formats.weekday_date("2024-04-02T09:15:00+02:00") == date
        assert formats.clock("2024-04-02T07:15:00+00:00", "Europe/Paris") == time
        assert formats.money("1234.50", "EUR").replace("\u202f", " ").replace("\xa0", " ") == money


def test_partial_dates_are_as_exact_as_they_are():
    with translation.override("fr"):
        assert formats.partial_date("2020") == "2020"
        assert formats.partial_date("2020-03") == "mars 2020"
        assert formats.partial_date("2020-03-27") == "27 mars 2020"
        assert formats.partial_date("fin 2020") == "fin 2020"
        assert formats.partial_date("peut-être") == "peut-être"


def test_durations_and_names():
    with translation.override("en"):
        assert formats.months(36) == "3 years"
        assert formats.months(18) == "18 months"
    with translation.override("it"):
        assert formats.months(36) == "3 anni"
        assert formats.months(18) == "18 mesi"
    with translation.override("en"):
        assert formats.playing_time(200) == "3 mins 20 secs"
        assert formats.country("IT") == "Italy"
        assert formats.country("ZQ") == "ZQ"
        assert formats.language("fi") == "Finnish"
        assert formats.own_language_name("fi") == "Suomi"
        assert formats.own_language_name("fr") == "Français"
        assert formats.language("qqq") == "qqq"
