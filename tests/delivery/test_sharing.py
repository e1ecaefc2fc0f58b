"""Effects of sharing on documents, placements and the change feed."""

import pytest

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, ProfessionPage, StandardPage
from sites.sharing.transitions import change_contact, give_up, withdraw
from tests.factories.departments import make_department
from tests.factories.pages import make_page, make_section
from tests.factories.sharing import hold_together, mirror, offer


@pytest.fixture
def other(department, commits):
    with commits():
        return make_department("isere", contact_email="contact@isere.example", contact_phone="+33 4 76 00 00 00")


@pytest.fixture
def event(department, commits):
    with commits():
        return make_page(EventPage, department, title="Journée", slug="journee")


def on_site(department):
    return set(PublishedDocument.objects.public().on_site_of(department).values_list("title", flat=True))


@pytest.mark.parametrize("share", [hold_together, mirror])
@pytest.mark.parametrize("end", [withdraw, give_up])
def test_the_start_and_the_end_of_a_sharing_enter_the_feed_once(event, other, commits, new_changes, share, end):
    new_changes()
    with commits():
        sharing = share(event, other)
    assert new_changes() == [(event.pk, False)]
    assert "Journée" in on_site(other)

    with commits():
        end(sharing)
    assert new_changes() == [(event.pk, False)]
    assert "Journée" not in on_site(other)


def test_a_proposal_changes_nothing(event, other, commits, new_changes):
    new_changes()
    with commits():
        offer(event, other)
    assert new_changes() == []


def test_unpublishing_the_origin_removes_it_from_every_site(event, department, other, commits, new_changes):
    with commits():
        third = make_department("loire")
        mirror(event, other)
        mirror(event, third)
    new_changes()

    with commits():
        event.unpublish()

    assert new_changes() == [(event.pk, True)]
    assert "Journée" not in on_site(other) | on_site(third)


def test_a_change_of_the_origin_reaches_its_mirrors(event, other, commits):
    with commits():
        mirror(event, other)
    with commits():
        event.title = "Grande journée"
        event.save_revision().publish()
    assert "Grande journée" in on_site(other)


def test_a_mirror_is_placed_only_in_languages_of_the_receiver(department, commits):
    with commits():
        other = make_department("isere", locales=("en", "it"), source="en")
        page = make_page(StandardPage, department, title="En français")
        mirror(page, other)
    assert "En français" not in on_site(other)


def test_the_api_lists_mirrors_for_the_receiver(event, other, commits, client):
    with commits():
        mirror(event, other)
    answer = client.get("/api/v1/events/", {"department": "isere"}).json()
    assert [(result["title"], result["department"]) for result in answer["results"]] == [("Journée", "allier")]


def test_each_holder_has_its_own_contact(event, other, commits, document_of):
    with commits():
        sharing = hold_together(event, other)
    owner, holder = document_of(event)["holders"]
    assert owner["contact"]["name"] == "Allier"
    assert holder["contact"] == {
        "name": "Isere",
        "role": "",
        "email": "contact@isere.example",
        "phone": "+33 4 76 00 00 00",
    }
    with commits():
        change_contact(sharing, {"contact_name": "Mission", "contact_email": "mission@isere.example"})
    assert document_of(event)["holders"][1]["contact"]["email"] == "mission@isere.example"
    with commits():
        other.contact_phone = "+33 4 76 99 99 99"
        other.save()
    assert document_of(event)["holders"][1]["contact"]["phone"] == "", "not mixed with the department's contact"


def test_a_new_contact_and_host_of_a_department_reach_the_content_that_it_co_holds(event, other, commits, document_of):
    with commits():
        hold_together(event, other)
    with commits():
        other.contact_email = "nouveau@isere.example"
        other.save()
        other.site.hostname = "nouvelle-isere.example.test"
        other.site.save()
    holder = document_of(event)["holders"][1]
    assert holder["contact"]["email"] == "nouveau@isere.example"
    assert holder["url"] == "http://nouvelle-isere.example.test/fr/event/journee/"


def test_the_url_of_a_mirror_avoids_a_path_of_the_receiver(event, other, commits, document_of):
    with commits():
        own = make_page(EventPage, make_section(other, "event"), title="À nous", slug="journee")
        mirror(event, other)
    assert document_of(event)["holders"][1]["url"].endswith("/fr/event/journee-allier/")
    with commits():
        own.unpublish()
    assert document_of(event)["holders"][1]["url"].endswith("/fr/event/journee/")


def test_a_deleted_sharing_removes_the_placement(department, other, event, commits, document_of):
    with commits():
        sharing = hold_together(event, other)
    with commits():
        sharing.delete()
    assert document_of(event)["departments"] == ["allier"]


def test_the_number_of_queries_per_shared_page_is_limited(department, other, commits, django_assert_max_num_queries):
    with commits():
        pages = [make_page(ProfessionPage, department, slug=f"p{number}") for number in range(4)]
        sharings = [mirror(page, other) for page in pages]
    with django_assert_max_num_queries(90), commits():
        sharings[0].save()
    with django_assert_max_num_queries(90 + 40 * 3), commits():
        for sharing in sharings:
            sharing.save()
