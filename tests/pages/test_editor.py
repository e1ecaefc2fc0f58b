"""Tests of the page editor: errors at publication, and that drafts are saved nevertheless."""

import pytest
from django.apps import apps
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.content_types.declarations import DOCUMENT_TYPES
from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, PartnershipPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import make_page, make_section
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

STREAMS = (
    "days",
    "stands",
    "objectives",
    "audiences",
    "theme_footnotes",
    "organisers",
    "partners",
    "committees",
    "professions",
)


@pytest.fixture
def department(db, commits):
    with commits():
        return make_department("allier")


@pytest.fixture
def publisher(client, department):
    client.force_login(make_user("publication", groups=["allier:publisher"]))
    return client


@pytest.fixture
def create(publisher, department, commits):
    """Submit the form of a new page and return the response; `action` is the name of the button."""

    def create(model, data, action="action-publish"):
        section = make_section(department, model.document_type)
        url = reverse("wagtailadmin_pages:add", args=["pages", model._meta.model_name, section.pk])
        common = {
            "title": "Page", "slug": "page", "summary": "", "image": "", "image_alt": "", "body": streamfield([]),
            "seo_title": "", "search_description": "", "comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0,
        }  # fmt: skip
        with commits():
            return publisher.post(url, nested_form_data({**common, **data, action: "x"}))

    return create


def errors_of(response):
    return {field: [str(error) for error in errors] for field, errors in response.context["form"].errors.items()}


def form_of_testimonial(**fields):
    return {
        "person_name": "Camille", "role": "", "employer": "", "profession": "", "consent": "", "video": "",
        "transcript": rich_text("<p></p>"), "quotation": "", **fields,
    }  # fmt: skip


def form_of_event(**fields):
    empty = {name: streamfield([]) for name in (*STREAMS, "testimonials", "documents")}
    return {
        **empty, "introduction": rich_text(""), "status": "scheduled", "attendance_mode": "in_person",
        "start_date": "2030-03-21", "time_zone": "Europe/Paris", "venue_country": "FR", "price_currency": "EUR",
        "is_free": "on", **fields,
    }  # fmt: skip


def day(*sessions):
    members = [
        {
            "type": "item", "order": order, "deleted": "", "id": "",
            "value": {
                "title": title, "start": start, "end": end, "kind": "talk", "description": rich_text(""), "room": "",
                "speakers-count": 0,
            },
        }
        for order, (title, start, end) in enumerate(sessions)
    ]  # fmt: skip
    listed = {"count": len(members), **{str(member.pop("order")): member for member in members}}
    for order in range(len(members)):
        listed[str(order)]["order"] = order
    return streamfield([("day", {"date": "2030-03-21", "title": "", "sessions": listed})])


def test_a_testimonial_is_refused_with_an_error_at_each_field(create):
    response = create(TestimonialPage, form_of_testimonial())

    assert response.status_code == 200
    assert set(errors_of(response)) == {"consent", "video", "transcript"}
    assert not TestimonialPage.objects.exists()


def test_an_incomplete_testimonial_is_saved_as_a_draft(create):
    response = create(TestimonialPage, form_of_testimonial(), action="action-save")

    assert response.status_code == 302
    assert not TestimonialPage.objects.get().live


def test_with_consent_captions_and_transcript_it_is_published(create):
    data = form_of_testimonial(
        consent=ConsentFactory().pk, video=VideoFactory().pk, transcript=rich_text("<p>Bonjour.</p>")
    )
    response = create(TestimonialPage, data)

    assert response.status_code == 302
    assert TestimonialPage.objects.get().live


def test_a_draft_of_a_live_testimonial_may_be_incomplete(create, publisher, commits):
    complete = form_of_testimonial(
        consent=ConsentFactory().pk, video=VideoFactory().pk, transcript=rich_text("<p>Bonjour.</p>")
    )
    create(TestimonialPage, complete)
    page = TestimonialPage.objects.get()
    common = {"title": "Page", "slug": "page", "body": streamfield([]), "comments-TOTAL_FORMS": 0}
    data = {**common, "comments-INITIAL_FORMS": 0, **form_of_testimonial(quotation="En travail")}

    with commits():
        response = publisher.post(
            reverse("wagtailadmin_pages:edit", args=[page.pk]), nested_form_data({**data, "action-save": "x"})
        )

    assert response.status_code == 302
    page.refresh_from_db()
    assert page.live
    assert "Bonjour." in page.transcript
    assert page.get_latest_revision_as_object().quotation == "En travail"


def test_a_session_that_ends_before_it_starts_is_refused(create):
    response = create(EventPage, form_of_event(days=day(("Ouverture", "10:00", "09:00"))))

    assert response.status_code == 200
    assert set(errors_of(response)) == {"days"}
    assert "session" in response.content.decode().lower()
    assert not EventPage.objects.exists()


def test_an_event_with_two_sessions_is_published(create):
    response = create(EventPage, form_of_event(days=day(("Ouverture", "09:15", "09:30"), ("Débat", "14:30", ""))))

    assert response.status_code == 302, errors_of(response)
    sessions = EventPage.objects.get(live=True).days[0].value["sessions"]
    assert [session["title"] for session in sessions] == ["Ouverture", "Débat"]


def test_a_refused_bulk_publication_changes_nothing_and_shows_the_reasons(publisher, department, commits):
    with commits():
        ready = make_page(EventPage, department, publish=False)
        refused = make_page(TestimonialPage, department, publish=False, consent=None)
        for draft in (ready, refused):
            draft.save_revision(clean=False)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])

    response = publisher.post(f"{url}?id={ready.pk}&id={refused.pk}", {"next": "/admin/"}, follow=True)

    assert "consentement" in response.content.decode()
    assert not Page.objects.filter(pk__in=[ready.pk, refused.pk], live=True).exists()


def test_the_page_menu_of_the_admin_answers_an_editor(publisher, department):
    response = publisher.get(
        reverse("wagtailadmin_api:pages:listing"), {"child_of": department.container_id, "for_explorer": 1}
    )

    assert response.status_code == 200
    assert len(response.json()["items"]) == 2


def test_the_admin_api_is_closed_to_visitors(client, db):
    assert client.get(reverse("wagtailadmin_api:pages:listing")).status_code in {302, 401, 403}


def test_an_event_needs_a_date_for_publication_but_not_as_a_draft(create):
    assert create(EventPage, form_of_event(start_date=""), action="action-save").status_code == 302
    EventPage.objects.all().delete()

    response = create(EventPage, form_of_event(start_date=""))
    assert set(errors_of(response)) == {"start_date"}


def test_a_time_that_exists_twice_is_the_first_and_a_message_says_so(create):
    fields = form_of_event(start_date="2027-10-31", start_time="02:30")
    response = create(EventPage, fields)
    assert [message.level_tag for message in get_messages(response.wsgi_request)] == ["success", "warning"]
    assert PublishedDocument.objects.get(type="event").data["content"]["start"] == "2027-10-31T02:30:00+02:00"


def test_a_time_that_does_not_exist_is_refused(create):
    response = create(EventPage, form_of_event(start_date="2027-03-28", start_time="02:30"))
    assert set(errors_of(response)) == {"start_time"}


@pytest.mark.parametrize("name", [document_type.model for document_type in DOCUMENT_TYPES])
def test_the_publication_of_every_type_can_be_scheduled(name):
    form = apps.get_model(name).get_edit_handler().get_form_class()
    assert {"go_live_at", "expire_at"} <= set(form.base_fields)
    assert "comments" in form.formsets


def test_a_partnership_does_not_last_for_centuries(department):
    page = PartnershipPage(duration_months=30_000)
    with pytest.raises(ValidationError):
        page.clean_fields(exclude=[field.name for field in page._meta.fields if field.name != "duration_months"])


def test_the_form_of_a_new_event_proposes_the_time_zone_of_the_department(db, client, commits):
    with commits():
        section = make_section(make_department("reunion", code="974"), "event")
    client.force_login(make_user("publication", groups=["reunion:publisher"]))
    form = client.get(reverse("wagtailadmin_pages:add", args=["pages", "eventpage", section.pk])).context["form"]
    assert form["time_zone"].value() == "Indian/Reunion"
