"""A testimonial is public in every locale exactly while its consents are valid."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from wagtail.models import Locale, Page, PageViewRestriction, ReferenceIndex

from cms.delivery.models import PublishedDocument
from cms.media.models import Consent
from cms.pages.models import StandardPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, ImageFactory, VideoFactory
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture
def testimonial(department, commits):
    with commits():
        return make_page(TestimonialPage, department)


def withdraw(consent, commits):
    with commits():
        consent.withdrawn_on = TODAY()
        consent.save()


def translate(page):
    copy = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
    copy.save_revision().publish()
    return copy


def test_withdrawal_takes_every_locale_offline(testimonial, commits, document_of):
    with commits():
        copy = translate(testimonial)
    assert document_of(testimonial)
    assert document_of(copy)

    withdraw(testimonial.consent, commits)

    assert document_of(testimonial) == document_of(copy) == {}
    assert not TestimonialPage.objects.filter(live=True).exists()


def test_withdrawal_takes_locales_with_another_consent_offline(testimonial, commits, document_of):
    with commits():
        copy = translate(testimonial)
        testimonial.consent = ConsentFactory()
        testimonial.save_revision().publish()

    withdraw(testimonial.consent, commits)

    assert document_of(testimonial) == document_of(copy) == {}


def test_it_expires_with_its_consent(testimonial, commits):
    for end in (datetime.date(2098, 1, 1), datetime.date(2100, 1, 1)):
        with commits():
            testimonial.consent.expires_on = end
            testimonial.consent.save()
        document = PublishedDocument.objects.get(page_id=testimonial.pk)
        assert document.expires_at == testimonial.consent.ends_at

    with commits():
        testimonial.consent = ConsentFactory(expires_on=datetime.date(3100, 1, 1))
        testimonial.save_revision().publish()
    assert PublishedDocument.objects.get(page_id=testimonial.pk).expires_at == testimonial.consent.ends_at


def test_it_is_withdrawn_after_the_last_day_and_public_again_when_the_consent_is_renewed(
    testimonial, commits, document_of, time_machine
):
    with commits():
        testimonial.consent.expires_on = TODAY()
        testimonial.consent.save()
    time_machine.move_to(timezone.now() + datetime.timedelta(days=2), tick=False)
    assert document_of(testimonial) == {}
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    testimonial.refresh_from_db()
    assert not testimonial.live

    with commits():
        consent = Consent.objects.get(pk=testimonial.consent_id)
        consent.expires_on = datetime.date(2099, 1, 1)
        consent.save()
        testimonial.get_latest_revision().publish()
    assert document_of(testimonial)


def test_removed_captions_take_it_offline(testimonial, commits, document_of):
    with commits():
        testimonial.video.captions.all().delete()
        testimonial.video.save()

    assert document_of(testimonial) == {}


def test_it_depends_on_the_consent_of_its_video(department, commits, document_of):
    consent = ConsentFactory()
    with commits():
        page = make_page(TestimonialPage, department, video=VideoFactory(consent=consent))
    assert document_of(page)

    withdraw(consent, commits)

    assert document_of(page) == {}


def test_a_draft_stays_readable_when_its_consent_is_deleted(testimonial, commits, document_of):
    consent = testimonial.consent
    with commits():
        testimonial.save_revision()
    with commits():
        consent.delete()

    assert document_of(testimonial) == {}
    testimonial.refresh_from_db()
    assert testimonial.get_latest_revision_as_object().consent is None


def test_an_image_appears_on_the_first_day_of_its_consent(department, commits, document_of, time_machine):
    tomorrow = TODAY() + datetime.timedelta(days=1)
    with commits():
        page = make_page(StandardPage, department, image=ImageFactory(consent=ConsentFactory(starts_on=tomorrow)))
    assert document_of(page)["image"] is None

    time_machine.move_to(timezone.now() + datetime.timedelta(days=1, hours=1), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert document_of(page)["image"]


def test_an_image_is_withdrawn_before_the_reference_index_is_updated(department, commits, document_of):
    image, consent = ImageFactory(), ConsentFactory()
    with commits():
        page = make_page(StandardPage, department, image=image)
    with commits():
        image.consent = consent
        image.save()
        consent.withdrawn_on = TODAY()
        consent.save()
        ReferenceIndex.remove_for_object(image)

    assert document_of(page)["image"] is None


def test_cards_of_a_page_disappear_when_a_consent_of_its_video_ends(department, commits, document_of, time_machine):
    consent = ConsentFactory(expires_on=TODAY() + datetime.timedelta(days=1))
    with commits():
        page = make_page(TestimonialPage, department, video=VideoFactory(consent=consent))
        shows_it = make_page(StandardPage, department, body=[("related", [page])])
    assert document_of(shows_it)["content"]["body"]

    time_machine.move_to(consent.ends_at + datetime.timedelta(minutes=1), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert PublishedDocument.objects.get(page_id=page.pk).is_withdrawn
    assert document_of(shows_it)["content"]["body"] == []


@pytest.mark.parametrize("place", ["page", "video"])
def test_a_page_comes_back_when_its_consent_begins(department, commits, document_of, time_machine, place):
    with commits():
        consent = ConsentFactory()
        fields = {"consent": consent} if place == "page" else {"video": VideoFactory(consent=consent)}
        page = make_page(TestimonialPage, department, **fields)
    with commits():
        consent.starts_on = TODAY() + datetime.timedelta(days=2)
        consent.save()
    assert document_of(page) == {}

    time_machine.move_to(consent.starts_at + datetime.timedelta(minutes=1), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert document_of(page)


def test_dates_that_were_changed_without_a_signal_are_kept(testimonial, department, commits, document_of, time_machine):
    with commits():
        page = make_page(StandardPage, department)
    end = timezone.now() + datetime.timedelta(days=2)
    Page.objects.filter(pk=page.pk).update(expire_at=end)
    Consent.objects.update(expires_on=TODAY())
    time_machine.move_to(end, tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    assert document_of(page) == document_of(testimonial) == {}
    assert not Page.objects.filter(pk__in=[page.pk, testimonial.pk], live=True).exists()


def test_an_expired_page_is_withdrawn_while_it_is_private(department, commits, time_machine):
    end = timezone.now() + datetime.timedelta(days=1)
    with commits():
        page = make_page(StandardPage, department, expire_at=end)
        PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)
    time_machine.move_to(end + datetime.timedelta(minutes=1), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    page.refresh_from_db()
    assert not page.live


@pytest.mark.parametrize(("code", "is_valid"), [("03", True), ("974", False)])
def test_consents_end_at_midnight_of_the_department(commits, time_machine, document_of, code, is_valid):
    """At 21:00 UTC on 10 January the day has ended in La Réunion, and not in the Allier."""
    with commits():
        department = make_department("ailleurs", code=code)
        consent = ConsentFactory(expires_on=datetime.date(2030, 1, 10), collection=department.collection)
        page = make_page(StandardPage, department, image=ImageFactory(consent=consent))
    assert consent.ends_at.astimezone(datetime.UTC).hour == (23 if is_valid else 20)
    time_machine.move_to(datetime.datetime(2030, 1, 10, 21, tzinfo=datetime.UTC), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    with timezone.override("Pacific/Honolulu" if not is_valid else "Pacific/Auckland"):  # That of an editor.
        assert Consent.objects.get().is_valid_today is is_valid
        assert Consent.objects.valid_today().exists() is is_valid
        assert Consent.objects.lapsed_today().exists() is not is_valid
    assert (document_of(page)["image"] is not None) is is_valid
