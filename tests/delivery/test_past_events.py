"""An event is over at the midnight of its department."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup

from cms.delivery.models import PublishedDocument
from cms.delivery.publisher import process_refresh_requests
from cms.pages.models import EventPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page, make_section

pytestmark = pytest.mark.django_db

DAY = datetime.date(2030, 6, 10)
DEPARTMENTS = [("03", "Europe/Paris"), ("974", "Indian/Reunion"), ("972", "America/Martinique")]


@pytest.fixture
def publish_event(commits):
    """Return a function that publishes an event on `DAY` in the department with a code, and returns the event."""

    def publish_event(code, **values):
        with commits():
            department = make_department("ailleurs", code=code)
            make_section(department, "event")
            values = {"start_date": DAY, "end_date": None, "start_time": None, "end_time": None} | values
            return make_page(EventPage, department, title="Ouistiti", **values)

    return publish_event


@pytest.fixture
def heading(client):
    """Return a function that reads the heading above the only event in the list of its department."""

    def heading():
        section = PublishedDocument.objects.get(type="section")
        page = client.get(section.path, headers={"host": section.department.site.hostname})
        return BeautifulSoup(page.content, "html.parser").select_one("main h2").get_text()

    return heading


def local(zone, hour, minute=0, day=DAY):
    return datetime.datetime.combine(day, datetime.time(hour, minute), ZoneInfo(zone))


@pytest.mark.parametrize(("code", "zone"), DEPARTMENTS)
def test_an_event_is_over_when_its_day_ends_in_its_department(code, zone, publish_event, heading, time_machine):
    publish_event(code)
    time_machine.move_to(local(zone, 23, 59), tick=False)
    assert heading() == "Événements à venir"
    time_machine.move_to(local(zone, 0, day=DAY + datetime.timedelta(days=1)), tick=False)
    assert heading() == "Événements passés"


@pytest.mark.parametrize(
    ("end_time", "time_zone", "days"),
    [
        (datetime.time(18), "Indian/Reunion", 1),
        (datetime.time(23), "Europe/Paris", 2),  # 1:00 of the next day in La Réunion.
        (datetime.time(1), "Pacific/Auckland", 0),  # 17:00 of the day before.
    ],
)
def test_the_end_of_an_event_elsewhere_is_read_in_the_time_zone_of_its_department(
    end_time, time_zone, days, publish_event
):
    publish_event("974", start_time=datetime.time(0, 30), end_time=end_time, time_zone=time_zone)
    midnight = local("Indian/Reunion", 0, day=DAY + datetime.timedelta(days=days))
    assert PublishedDocument.objects.get(type="event").over_at == midnight


def test_a_corrected_code_of_a_department_moves_the_moment(publish_event, commits):
    page = publish_event("03")
    before = PublishedDocument.objects.get(type="event")
    department = before.department
    with commits():
        department.code = "972"
        department.save()
    process_refresh_requests()
    after = PublishedDocument.objects.get(page_id=page.pk)
    assert after.over_at == local("America/Martinique", 0, day=DAY + datetime.timedelta(days=1)) != before.over_at
    assert after.sequence > before.sequence, "the index would keep the former moment"
