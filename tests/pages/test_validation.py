"""Tests of the validation of page models and blocks."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from wagtail.blocks import CharBlock, StructBlockValidationError

from cms.blocks import streams
from cms.blocks.contact import ContactBlock
from cms.blocks.country import COUNTRY_CODES, CountryBlock, country_choices
from cms.blocks.employment import DiplomaBlock, VacancyBlock
from cms.blocks.events.agenda import SessionBlock
from cms.blocks.events.committee import CommitteeMemberBlock
from cms.blocks.partnership import ActivityBlock, PartnerBlock
from cms.content_types import declarations
from cms.content_types.registry import document_types
from cms.pages import checks
from cms.pages.models import EventPage, PartnershipPage, ProfessionPage, StandardPage, TestimonialPage, base
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import FACTORIES, make_page, make_section

pytestmark = pytest.mark.django_db


def errors_of(page):
    """Return the names of the fields with validation errors."""
    try:
        page.full_clean(exclude=["path", "depth", "url_path", "content_type"])
    except ValidationError as error:
        return set(error.message_dict)
    return set()


def build_page(model, **fields):
    """Return an unsaved page with the tree position of a child of a section."""
    section = make_section(make_department("allier"), "event")
    page = FACTORIES[model].build(locale=section.locale, slug="page", **fields)
    page.path, page.depth, page.url_path = section.path + "0009", section.depth + 1, section.url_path + "page/"
    return page


def clean(block, **values):
    """Clean a value of a struct block and return the names of the fields with errors."""
    try:
        block.clean(block.normalize({**block.get_default(), **values}))
    except StructBlockValidationError as error:
        return set(error.block_errors)
    return set()


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"rome_code": "K1201"}, set()),
        ({"rome_code": "Z1201"}, {"rome_code"}),
        ({"rome_code": "K120"}, {"rome_code"}),
        ({"rome_code": "K１２０１"}, {"rome_code"}),
        ({"salary_currency": "SEK"}, set()),
        ({"salary_currency": "eur"}, {"salary_currency"}),
        ({"salary_currency": "€"}, {"salary_currency"}),
        ({"esco_uri": "http://data.europa.eu/esco/occupation/4b05bef2-ded4-4b09-ab94-f4c6a555a775"}, set()),
        ({"esco_uri": "http://data.europa.eu/esco/skill/4b05bef2-ded4-4b09-ab94-f4c6a555a775"}, {"esco_uri"}),
        ({"isco_code": "2635"}, set()),
        ({"isco_code": "0110"}, set()),
        ({"isco_code": "26a5"}, {"isco_code"}),
        ({"isco_code": "110"}, {"isco_code"}),
        ({"rncp_numbers": [("number", "RNCP34825")]}, set()),
        ({"salary_minimum": 2000, "salary_maximum": 1500}, {"salary_maximum"}),
        ({"apply_url": "javascript:alert(1)"}, {"apply_url"}),
    ],
)
def test_validation_of_professions(fields, refused):
    assert errors_of(build_page(ProfessionPage, **fields)) == refused


def test_an_rncp_number_has_its_syntax():
    assert clean(DiplomaBlock(), name="DEASS", rncp="RNCP34825") == set()
    assert clean(DiplomaBlock(), name="DEASS", rncp="34825") == {"rncp"}
    assert clean(DiplomaBlock(), name="DEASS", rncp="RNCP٣٤٨٢٥") == {"rncp"}


@pytest.mark.parametrize("number", [0, 1_000_001, 10**30])
def test_a_count_is_plausible(number):
    assert clean(VacancyBlock(), title="Référente", count=number) == {"count"}
    assert clean(ActivityBlock(), title="Stage", participants=number, days=number) == {"participants", "days"}
    assert clean(ActivityBlock(), title="Stage", participants=1, days=1_000_000) == set()


TOMORROW = datetime.date(2030, 3, 22)
DAY = {"title": "", "sessions": []}
# The clocks of France are put forward at 2:00 and back at 3:00.
SPRING = {"start_date": datetime.date(2027, 3, 28), "end_date": datetime.date(2027, 3, 28)}
AUTUMN = datetime.date(2027, 10, 31)
NIGHT = {
    "title": "Veillée",
    "start": datetime.time(1, 30),
    "end": datetime.time(2, 30),
    "kind": "other",
    "speakers": [],
}


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, set()),
        ({"end_date": datetime.date(2030, 3, 20)}, {"end_date"}),
        ({"start_time": datetime.time(18), "end_time": datetime.time(9)}, {"end_time"}),
        ({"start_time": datetime.time(18), "end_time": datetime.time(9), "end_date": TOMORROW}, set()),
        ({"days": [("day", {**DAY, "date": datetime.date(2030, 3, 21)})]}, set()),
        ({"days": [("day", {**DAY, "date": datetime.date(2030, 3, 22)})]}, {"days"}),
        ({"time_zone": "Europe/Vichy"}, {"time_zone"}),
        ({"venue_latitude": Decimal("46.1")}, {"venue_longitude"}),
        ({"venue_latitude": Decimal("146.1"), "venue_longitude": Decimal("3.4")}, {"venue_latitude"}),
        ({"venue_country": "XX"}, {"venue_country"}),
        ({"price_currency": "EUX"}, {"price_currency"}),
        ({"funding_start_year": 2027, "funding_end_year": 2024}, {"funding_end_year"}),
        ({"series_first_year": 194}, {"series_first_year"}),
        ({"start_date": datetime.date(202, 3, 21), "end_date": TOMORROW}, {"start_date"}),
        ({**SPRING, "start_time": datetime.time(2, 30)}, {"start_time"}),
        ({**SPRING, "start_time": datetime.time(3)}, set()),
        ({**SPRING, "start_time": datetime.time(2, 30), "time_zone": "Africa/Tunis"}, set()),
        ({**SPRING, "start_date": datetime.date(2027, 3, 27), "end_time": datetime.time(2, 30)}, {"end_time"}),
        ({**SPRING, "days": [("day", {**DAY, "date": SPRING["start_date"], "sessions": [NIGHT]})]}, {"days"}),
        ({"start_date": AUTUMN, "end_date": AUTUMN, "start_time": datetime.time(2, 30)}, set()),
    ],
)  # fmt: skip
def test_validation_of_events(fields, refused):
    assert errors_of(build_page(EventPage, **fields)) == refused


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        ("09:15", "10:00", set()),
        ("09:15", None, set()),
        (None, None, set()),
        ("09:15", "09:15", {"end"}),
        ("10:00", "09:15", {"end"}),
        (None, "09:15", {"start"}),
    ],
)
def test_a_session_that_ends_before_it_starts_is_refused(start, end, refused):
    moments = {"start": start and datetime.time.fromisoformat(start), "end": end and datetime.time.fromisoformat(end)}
    assert clean(SessionBlock(), title="Ouverture", kind="opening", **moments) == refused


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("2020", set()),
        ("2020-03", set()),
        ("2020-03-27", set()),
        ("2020-13", {"deadline"}),
        ("mars", {"deadline"}),
        ("2020-02-30", {"deadline"}),
        ("0202-03", {"deadline"}),
        ("2020-3", {"deadline"}),
        ("20200327", {"deadline"}),
    ],
)
def test_a_deadline_is_a_partial_date(value, refused):
    assert errors_of(build_page(PartnershipPage, deadline=value)) == refused


def test_a_contact_needs_a_name_and_an_email_or_telephone():
    assert clean(ContactBlock(), name="Service") == {"email"}
    assert clean(ContactBlock(), name="Service", email="contact@example.org") == set()
    assert clean(ContactBlock(), name="Service", phone="+33 1 99 00 12 34") == set()
    assert clean(ContactBlock(), name="Service", phone="appelez-moi") == {"phone"}
    assert clean(ContactBlock(), email="contact@example.org") == {"name"}


def test_a_partner_and_a_member_need_an_organisation_or_a_name():
    assert clean(PartnerBlock(), status="sought") == {"name"}
    assert clean(PartnerBlock(), status="sought", country="FI") == set()
    assert clean(CommitteeMemberBlock()) == {"name"}
    assert clean(CommitteeMemberBlock(), name="Une étudiante") == set()


def test_countries_are_those_of_iso_3166():
    assert {"FR", "FI", "IT", "BE", "IE"} <= COUNTRY_CODES
    assert not {"EU", "001", "ZZ", "UN"} & COUNTRY_CODES
    assert ("FI", "Finlande") in country_choices()
    assert CountryBlock().clean("FI") == "FI"
    with pytest.raises(ValidationError):
        CountryBlock().clean("EU")


class TestTestimonials:
    @pytest.mark.parametrize(
        ("make", "field"),
        [
            (lambda: {"consent": None}, "consent"),
            (lambda: {"consent": ConsentFactory(expires_on=datetime.date(2021, 1, 1))}, "consent"),
            (lambda: {"consent": ConsentFactory(starts_on=datetime.date(2098, 1, 1))}, "consent"),
            (lambda: {"consent": ConsentFactory(withdrawn_on=datetime.date(2022, 1, 1))}, "consent"),
            (lambda: {"consent": ConsentFactory(scope="words")}, "consent"),
            (lambda: {"video": None}, "video"),
            (lambda: {"video": VideoFactory(consent=ConsentFactory(scope="image"))}, "video"),
            (lambda: {"video": VideoFactory(captions=["en"])}, "video"),
            (lambda: {"transcript": " "}, "transcript"),
        ],
    )
    def test_publication_is_refused_and_the_draft_kept(self, make, field, commits):
        with commits():
            department = make_department("allier")
        draft = make_page(TestimonialPage, department, publish=False, **make())
        revision = draft.save_revision(clean=False)

        with pytest.raises(ValidationError) as error:
            revision.publish()

        assert set(error.value.message_dict) == {field}
        draft.refresh_from_db()
        assert not draft.live

    def test_a_complete_testimonial_is_published(self, commits):
        with commits():
            department = make_department("allier")
        assert make_page(TestimonialPage, department).live


class TestChecks:
    def test_every_page_model_is_a_declared_content_type_with_a_factory(self):
        assert set(checks.page_types()) == set(FACTORIES)
        assert checks.check_page_types(None) == []

    def test_missing_declarations_are_errors(self, monkeypatch):
        without_events = tuple(each for each in document_types() if each.name != "event")
        monkeypatch.setattr(declarations, "DOCUMENT_TYPES", without_events)
        monkeypatch.setattr(PartnershipPage, "translatable_fields", [])
        errors = {(error.id, error.obj) for error in checks.check_page_types(None)}
        assert errors == {("pages.E001", EventPage), ("pages.E002", PartnershipPage)}

    def test_a_block_of_a_body_without_reader_template_is_an_error(self, monkeypatch):
        assert checks.check_body_blocks(None) == []
        monkeypatch.setattr(streams, "BODY", [*streams.BODY, ("video", CharBlock())])
        [error] = checks.check_body_blocks(None)
        assert (error.id, error.hint) == ("pages.E003", "Add cms/reader/templates/reader/blocks/video.html.")

    def test_block_definitions_stay_out_of_migrations(self, capsys):
        field = EventPage._meta.get_field("days")
        assert field.deconstruct()[2] == []
        assert "block_lookup" not in field.deconstruct()[3]
        call_command("makemigrations", "pages", "--check", "--dry-run", verbosity=0)


def test_a_page_that_is_too_large_is_kept_as_a_draft_and_not_published(monkeypatch):
    """A list answer of the API holds a hundred documents."""
    page = make_page(StandardPage, make_department("allier"), title="Guide", body=[("text", "<p>Un texte.</p>")])
    monkeypatch.setattr(base, "MAX_CHARACTERS", len(page.to_json()) + 1_000)
    page.save_revision().publish()
    page.body = [("text", "<p>Un texte très long.</p>" * 100)]
    revision = page.save_revision(clean=False)
    with pytest.raises(ValidationError) as error:
        revision.publish()
    assert "divisez-la" in str(error.value.message_dict["title"])
    assert "très long" not in str(StandardPage.objects.get(pk=page.pk).body)
