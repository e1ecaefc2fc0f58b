"""The pictures of README.md: an event of the demo on its site, and in the editor.

`make screenshots` takes them again.
"""

import pytest
from playwright.sync_api import expect

from sites.models import Department
from tests.demo.demo import load_demo
from tests.snapshots import built_or_restored

TITLE = "Raconte-moi ton travail social"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("demo")]


@pytest.fixture
def event(live_server):
    """The event of the demo."""
    built_or_restored("demo", load_demo)
    home = Department.objects.get(slug="allier").site.root_page
    return home.get_descendants().get(title=TITLE, locale=home.locale)


def test_the_event_of_the_demo_is_read_and_edited(event, live_server, page, member, log_in, picture):
    page.goto(f"{live_server.url}/allier/fr/evenements/{event.slug}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_role("heading", name="En bref")).to_be_visible()
    picture(page, "reader")

    member("claire", "allier:publisher")
    log_in(page, "claire")
    page.goto(f"{live_server.url}/admin/pages/{event.pk}/edit/")
    expect(page.get_by_label("Titre", exact=True).or_(page.locator("#id_title"))).to_have_value(TITLE)
    picture(page, "editor")
