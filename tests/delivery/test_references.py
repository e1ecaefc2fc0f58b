"""A document is refreshed when an object that it shows changes, and only then."""

import datetime
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import CollectionViewRestriction, Locale

from cms.delivery.models import PublicationState, PublishedDocument
from cms.pages.models import CampaignPage, EventPage, ProfessionPage, StandardPage
from sites.lifecycle.deletion_protection import retirement
from sites.models import DepartmentLocale
from sites.sharing.transitions import give_up
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, ImageFactory, png
from tests.factories.pages import OrganisationFactory, PersonFactory, home_of, make_page
from tests.factories.sharing import hold_together, invite

pytestmark = pytest.mark.django_db


def test_a_changed_organisation_refreshes_the_documents_that_show_it(department, commits, document_of, new_changes):
    organisation = OrganisationFactory(name="Aurore")
    with commits():
        event = make_page(
            EventPage, department, organisers=[("organiser", {"organisation": organisation, "contacts": []})]
        )
        bystander = make_page(EventPage, department)
    new_changes()

    with commits():
        organisation.name = "Association Aurore"
        organisation.save()

    assert document_of(event)["content"]["organisers"][0]["organisation"]["name"] == "Association Aurore"
    assert new_changes() == [(event.pk, False)]
    assert document_of(bystander)


def test_a_changed_organisation_refreshes_documents_that_show_its_members(department, commits, document_of):
    person = PersonFactory(organisation=OrganisationFactory(name="Avant"))
    with commits():
        page = make_page(StandardPage, department, body=[("person", person)])

    with commits():
        person.organisation.name = "Après"
        person.organisation.save()

    assert document_of(page)["content"]["body"][0]["value"]["organisation"] == "Après"


def test_a_changed_person_refreshes_the_documents_that_show_it(department, commits, document_of):
    person = PersonFactory(name="Julie Soustre", role="Philosophe")
    session = {"title": "Conférence", "kind": "talk", "speakers": [{"person": person}]}
    day = {"date": datetime.date(2030, 3, 21), "sessions": [session]}
    with commits():
        event = make_page(EventPage, department, days=[("day", day)])

    with commits():
        person.role = "Philosophe et autrice"
        person.save()

    speaker = document_of(event)["content"]["days"][0]["sessions"][0]["speakers"][0]
    assert (speaker["name"], speaker["role"]) == ("Julie Soustre", "Philosophe et autrice")


def test_a_changed_image_refreshes_the_documents_that_show_it(department, commits, document_of):
    image = ImageFactory(credit="Avant")
    with commits():
        event = make_page(EventPage, department, image=image)
    assert document_of(event)["image"]["width"] == 1200

    with commits():
        image.credit = "Après"
        image.file = ContentFile(png(600, 400), name="other.png")
        image.renditions.all().delete()  # as Wagtail's form does with a new file
        image.save()

    data = document_of(event)["image"]
    assert (data["credit"], data["width"]) == ("Après", 600)


def test_a_deleted_image_is_removed_from_documents(department, commits, document_of):
    image = ImageFactory()
    with commits():
        event = make_page(EventPage, department, image=image)

    with commits():
        image.delete()

    assert document_of(event)["image"] is None


def test_an_image_is_removed_when_its_consent_is_withdrawn(department, commits, document_of):
    consent = ConsentFactory()
    with commits():
        event = make_page(EventPage, department, image=ImageFactory(consent=consent))
    assert document_of(event)["image"]

    with commits():
        consent.withdrawn_on = timezone.localdate()
        consent.save()

    assert document_of(event)["image"] is None


def test_an_image_is_removed_when_its_consent_ends(department, commits, document_of, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    consent = ConsentFactory(expires_on=timezone.localdate() + datetime.timedelta(days=1))
    with commits():
        event = make_page(EventPage, department, image=ImageFactory(consent=consent))
    assert PublicationState.objects.get(page_id=event.pk).next_change_at == consent.ends_at

    time_machine.move_to(consent.ends_at + datetime.timedelta(minutes=1), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert document_of(event)["image"] is None


def test_a_changed_page_refreshes_the_documents_that_show_its_card(department, commits, document_of):
    with commits():
        profession = make_page(ProfessionPage, department, title="Éducateur")
        campaign = make_page(CampaignPage, department, target_professions=[("page", profession)])

    with commits():
        profession.title = "Éducatrice, éducateur"
        profession.save_revision().publish()
    assert document_of(campaign)["content"]["target_professions"][0]["title"] == "Éducatrice, éducateur"

    with commits():
        profession.unpublish()
    assert document_of(campaign)["content"]["target_professions"] == []


def test_a_deleted_page_is_removed_from_other_documents(department, commits, document_of, new_changes):
    with commits():
        profession = make_page(ProfessionPage, department)
        link = f'<p><a linktype="page" id="{profession.pk}">métier</a></p>'
        campaign = make_page(CampaignPage, department, target_professions=[("page", profession)], introduction=link)
    new_changes()

    with commits():
        profession.get_parent().specific.delete()

    content = document_of(campaign)["content"]
    assert content["target_professions"] == []
    assert content["introduction"] == '<p><a rel="noopener">métier</a></p>'
    assert (campaign.pk, False) in new_changes()


def test_a_change_that_is_not_on_the_card_refreshes_no_other_document(department, commits, new_changes):
    with commits():
        profession = make_page(ProfessionPage, department)
        make_page(CampaignPage, department, target_professions=[("page", profession)])
    new_changes()

    with commits():
        profession.missions = "<p>D'autres missions.</p>"
        profession.save_revision().publish()

    assert new_changes() == [(profession.pk, False)]


def test_a_reference_to_a_draft_is_not_shown(department, commits, document_of):
    with commits():
        draft = make_page(ProfessionPage, department, publish=False, title="Secret")
        text = f'<p>Voir <a linktype="page" id="{draft.pk}">ceci</a>.</p>'
        campaign = make_page(CampaignPage, department, target_professions=[("page", draft)], introduction=text)

    content = document_of(campaign)["content"]
    assert content["target_professions"] == []
    assert content["introduction"] == '<p>Voir <a rel="noopener">ceci</a>.</p>'

    with commits():
        draft.save_revision().publish()
    content = document_of(campaign)["content"]
    assert content["target_professions"][0]["title"] == "Secret"
    assert f'href="{draft.full_url}"' in content["introduction"]


def test_a_related_page_is_shown_in_the_documents_language(department, commits, document_of):
    with commits():
        profession = make_page(ProfessionPage, department, title="Assistante sociale")
        campaign = make_page(CampaignPage, department, target_professions=[("page", profession)])
        english = Locale.objects.get(language_code="en")
        translated = [page.copy_for_translation(english, copy_parents=True) for page in (profession, campaign)]
        for page in translated:
            page.save_revision().publish()
    assert document_of(translated[1])["content"]["target_professions"][0]["locale"] == "en"

    with commits():
        translated[0].title = "Social worker"
        translated[0].save_revision().publish()
    assert document_of(translated[1])["content"]["target_professions"][0]["title"] == "Social worker"
    assert document_of(campaign)["content"]["target_professions"][0]["title"] == "Assistante sociale"


def test_locales_of_a_content_name_each_other(department, commits, document_of):
    with commits():
        page = make_page(StandardPage, department, title="Contact", slug="contact")
        copy = page.copy_for_translation(Locale.objects.get(language_code="en"))
        copy.title, copy.slug = "Contact us", "contact-us"
        copy.save_revision().publish()

    assert [alternate["path"] for alternate in document_of(page)["alternates"]] == ["/en/contact-us/"]
    assert document_of(page)["translation"]["status"] == "original"
    # The copy was made without wagtail-localize: nothing records which version of the original it translates.
    assert document_of(copy)["translation"] == {
        "status": "translated",
        "source_locale": "fr",
        "source_url": "http://allier.example.test/fr/contact/",
        "progress": None,
        "source_revision": None,
        "reviewed_at": None,
        "stale": False,
        "stale_since": None,
        "untranslated": [],
    }

    with commits():
        page.unpublish()
    assert document_of(copy)["alternates"] == []
    assert document_of(copy)["translation"]["source_url"] == ""


def test_a_new_host_name_changes_every_url(department, commits, document_of):
    with commits():
        event = make_page(EventPage, department)

    with commits():
        department.site.hostname = "metiers.allier.example.test"
        department.site.save()

    assert document_of(event)["url"].startswith("http://metiers.allier.example.test/fr/")
    assert document_of(home_of(department))["url"] == "http://metiers.allier.example.test/fr/"


def test_a_removed_language_is_no_longer_public(department, commits, document_of):
    home = home_of(department, "en")
    assert document_of(home)

    with commits(), retirement(department):
        DepartmentLocale.objects.get(department=department, locale__language_code="en").delete()

    assert document_of(home) == {}
    assert document_of(home_of(department))["alternates"] == []


class TestCoHolding:
    @pytest.fixture
    def other(self, department, commits):
        with commits():
            return make_department("isere")

    @pytest.fixture
    def event(self, department, commits):
        with commits():
            return make_page(EventPage, department, slug="festival")

    def test_an_unaccepted_invitation_creates_no_placement(self, event, other, commits, document_of):
        with commits():
            invite(event, other)

        assert document_of(event)["departments"] == ["allier"]
        assert not PublishedDocument.objects.public().on_site_of(other).filter(page_id=event.pk).exists()

    def test_an_accepted_co_holding_is_placed_on_both_sites_until_it_ends(self, event, other, commits, document_of):
        with commits():
            sharing = hold_together(event, other)

        assert document_of(event)["departments"] == ["allier", "isere"]
        document = PublishedDocument.objects.public().on_site_of(other).get(page_id=event.pk)
        assert {(placement.department.slug, placement.is_canonical) for placement in document.placements.all()} == {
            ("allier", True),
            ("isere", False),
        }

        with commits():
            give_up(sharing)
        assert document_of(event)["departments"] == ["allier"]
        assert document.placements.count() == 1

    def test_a_language_removed_by_the_co_holder_removes_the_placement(self, event, other, commits):
        with commits():
            hold_together(event, other)
            DepartmentLocale.objects.filter(department=other, is_source=True).update(is_source=False)

        with commits(), retirement(other):
            DepartmentLocale.objects.get(department=other, locale__language_code="fr").delete()

        assert not PublishedDocument.objects.on_site_of(other).filter(page_id=event.pk).exists()

    def test_a_renamed_co_holder_refreshes_the_documents(self, event, other, commits, document_of):
        organisation = OrganisationFactory(department=other)
        with commits():
            hold_together(event, other)
            partner = {"organisation": organisation}
            shows_it = make_page(EventPage, event.get_parent().specific, partners=[("partner", partner)])

        with commits():
            other.slug = "dauphine"
            other.save()

        assert document_of(event)["departments"] == ["allier", "dauphine"]
        assert document_of(shows_it)["content"]["partners"][0]["organisation"]["department"] == "dauphine"

    def test_a_shared_document_gets_its_path_when_the_conflicting_page_is_withdrawn(self, event, other, commits):
        with commits():
            own = make_page(EventPage, other, slug="festival")
            hold_together(event, other)
        with commits():
            own.unpublish()

        placement = PublishedDocument.objects.get(page_id=event.pk).placements.get(department=other)
        assert placement.path == "/fr/event/festival/"

    def test_a_shared_document_avoids_the_path_of_a_page_of_the_receiver(self, event, other, commits):
        with commits():
            make_page(EventPage, other, slug="festival")
            hold_together(event, other)

        placement = PublishedDocument.objects.get(page_id=event.pk).placements.get(department=other)
        assert placement.path == "/fr/event/festival-allier/"


def test_an_image_is_omitted_while_its_collection_is_private(department, commits):
    with commits():
        collection = department.collection.add_child(name="Interne")
        page = make_page(StandardPage, department, image=ImageFactory(collection=collection))
    document = PublishedDocument.objects.get(page_id=page.pk)
    assert document.data["image"] is not None
    with commits():
        restriction = CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    document.refresh_from_db()
    assert document.data["image"] is None
    with commits():
        restriction.delete()
    document.refresh_from_db()
    assert document.data["image"] is not None
