"""Tests of the lists of home and section pages: content, order, number of queries."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.documents import DepartmentFactory

from .samples import CONTENT

SHARED = "cms.example.test"


def event(start, **members):
    return {**CONTENT["event"], "status": "scheduled", "start": start, "end": start, **members}


def titles(page):
    return [card.get_text() for card in page.select(".card h3 a, .card h2 a")]


@time_machine.travel("2024-06-01T12:00:00+02:00")
def test_upcoming_events_come_first_then_past_ones_from_the_latest(publish, read):
    publish("section", path="/en/events/")
    for title, start in [
        ("Long ago", "2022-03-01"),
        ("Far", "2025-01-01T09:00:00+01:00"),
        ("Soon", "2024-06-02"),
        ("Today", "2024-06-01T09:00:00+02:00"),
        ("Lately", "2024-05-31T18:00:00+02:00"),
    ]:
        publish("event", title=title, path=f"/en/events/{title.lower().replace(' ', '-')}/", content=event(start))
    page = read("/en/events/")
    assert titles(page) == ["Today", "Soon", "Far", "Lately", "Long ago"]
    assert [heading.get_text() for heading in page.find("main").find_all("h2")][-2:] == [
        "Coming events",
        "Past events",
    ]


@time_machine.travel("2024-06-01T12:00:00+02:00")
def test_event_of_several_days_is_upcoming_until_its_last_day(publish, read):
    publish("section", path="/en/events/")
    publish("event", title="Week", content=event("2024-05-28", end="2024-06-01"), path="/en/events/week/")
    assert "Coming events" in read("/en/events/").get_text()


def test_professions_are_sorted_by_name_and_others_newest_first(publish, read):
    publish("section", path="/en/professions/", content={"introduction": "", "lists": "profession"})
    publish("section", path="/en/stories/", content={"introduction": "", "lists": "testimonial"})
    for title in ("Zeta", "Éducateur", "assistant", "Danseur"):
        publish("profession", title=title, path=f"/en/professions/{title[0]}/")
    for year in ("2023", "2025", "2024"):
        publish(
            "testimonial",
            title=year,
            path=f"/en/stories/{year}/",
            first_published_at=f"{year}-01-01T00:00:00+01:00",
        )
    assert titles(read("/en/professions/")) == ["assistant", "Danseur", "Éducateur", "Zeta"]
    assert titles(read("/en/stories/")) == ["2025", "2024", "2023"]


def test_list_is_limited_to_the_department_and_the_language(publish, read):
    publish("section", path="/en/events/")
    publish("event", title="Ours", path="/en/events/ours/")
    publish("event", title="French", path="/fr/evenements/x/", locale="fr")
    publish("event", title="Theirs", department=DepartmentFactory(slug="isere", locales=["en"]))
    assert titles(read("/en/events/")) == ["Ours"]


def test_long_lists_are_paginated(publish, read, get):
    publish("section", path="/en/professions/", content={"introduction": "", "lists": "profession"})
    for number in range(15):
        publish("profession", title=f"Profession {number:02}", path=f"/en/professions/{number}/")
    first, second = read("/en/professions/"), read("/en/professions/?page=2")
    assert len(titles(first)) == 12
    assert titles(second) == ["Profession 12", "Profession 13", "Profession 14"]
    assert first.find("a", rel="next")["href"] == "?page=2"
    assert second.select_one(".pagination [aria-current]").get_text() == "2"
    assert second.find("link", rel="canonical")["href"].endswith("/en/professions/?page=2")
    for bad in ("0", "3", "-1", "x", "1e9"):
        assert get(f"/en/professions/?page={bad}").status_code == 404


def test_empty_section_shows_a_message(publish, read):
    publish("section", path="/en/events/")
    assert "Nothing is published here yet." in read("/en/events/").get_text()


def test_home_shows_the_latest_of_each_section(publish, read):
    publish("home", path="/en/", content={"introduction": "", "highlights": [], "body": []})
    publish("section", title="Jobs", path="/en/jobs/", content={"introduction": "", "lists": "profession"})
    publish("section", title="Empty", path="/en/empty/", content={"introduction": "", "lists": "campaign"})
    for number in range(5):
        publish("profession", title=f"Profession {number}", path=f"/en/jobs/{number}/")
    page = read("/en/")
    assert titles(page) == ["Profession 0", "Profession 1", "Profession 2"]
    assert [heading.get_text() for heading in page.find("main").find_all("h2")] == ["Jobs"]
    assert page.select_one(".more a")["href"] == "/en/jobs/"


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/en/", 6),  # department, document, menu; sections, order of the lists, cards
        ("/en/events/", 5),  # department, document, menu; order of the list, cards
        ("/en/events/0/", 3),  # department, document, menu
    ],
)
@pytest.mark.parametrize("amount", [1, 40])
def test_queries_do_not_grow_with_the_content(publish, get, path, queries, amount, django_assert_num_queries):
    publish("home", path="/en/")
    publish("section", path="/en/events/", row={"in_menu": True})
    for number in range(amount):
        publish("event", title=f"Event {number}", path=f"/en/events/{number}/")
        publish("section", path=f"/en/section-{number}/", row={"in_menu": True})
    get(path)
    with django_assert_num_queries(queries):
        assert get(path).status_code == 200
    # On a shared host: the department by its slug, and all departments for the links.
    with django_assert_num_queries(queries + 2):
        assert get(f"/allier{path}", host=SHARED).status_code == 200


def test_tombstones_are_not_listed(publish, read):
    publish("home", path="/en/", content={"introduction": "", "highlights": [], "body": []})
    publish("section", path="/en/events/")
    gone = publish("event", title="Gone", path="/en/events/gone/")
    gone.is_withdrawn, gone.body = True, ""
    gone.save()
    assert titles(read("/en/events/")) == []
    assert titles(read("/en/")) == []


def test_home_lists_shared_documents_of_a_type_without_a_section(allier, publish, read):
    isere = DepartmentFactory(slug="isere", code="38", name="Isère", locales=["en"])
    publish("home", path="/en/", content={"introduction": "", "highlights": [], "body": []})
    publish("event", department=isere, title="A shared day", also_at={allier: "/en/events/shared/"})

    home = read("/en/")

    assert [title.get_text() for title in home.select(".cards-section > h2")] == ["Events"]
    assert home.find("a", string="A shared day")["href"] == "/en/events/shared/"
    assert not home.select(".more")


@pytest.mark.parametrize(("path", "bodies"), [("/en/", 2), ("/en/events/", 2), ("/sitemap.xml", 0)])
def test_lists_read_no_body_but_those_of_the_documents_that_they_show(publish, get, path, bodies):
    """A document has a megabyte at most, and a site any number of them; each visitor opens lists."""
    publish("home", path="/en/")
    publish("section", path="/en/events/")
    for number in range(3):
        publish("event", title=f"Event {number}", path=f"/en/events/{number}/", content=event(f"2124-06-0{number + 1}"))
    with CaptureQueriesContext(connection) as queries:
        response = get(path)
    assert response.content.decode().count("/en/events/2/")
    # The document of the page, and those of the cards.
    assert len([query for query in queries if '"body"' in query["sql"]]) == bodies
