"""Shared testimonials whose page stays live while a consent is missing; their titles name a person."""

import datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.widgets import AdminPageChooser
from wagtail.models import Locale

from cms.media.models import Consent
from cms.pages.models import TestimonialPage
from sites.access.references.acting_user import acting_as
from sites.access.references.referable_objects import is_public, may_refer_to
from sites.lifecycle.language_removal import removal_refusal
from sites.mail.audience import may_receive
from sites.models import DepartmentLocale
from sites.sharing.notifications import notify_publishers
from sites.sharing.shared_content import page_of_sharing
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import make_page
from tests.factories.sharing import invite, mirror, offer
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def details(sharings):
    return [reverse("sharing:detail", args=[sharing.pk]) for sharing in sharings]


@pytest.fixture
def sharings(commits):
    """A testimonial that Isère mirrors and one that is offered to it, whose video loses its consent."""
    allier, isere = make_department("allier"), make_department("isere")
    consent = ConsentFactory(collection=allier.collection)
    video = VideoFactory(collection=allier.collection, consent=consent)
    with commits():
        pages = [
            make_page(
                TestimonialPage,
                allier,
                title=f"Camille zqname {number}",
                slug=f"camille-{number}",
                consent=ConsentFactory(collection=allier.collection),
                video=video,
            )
            for number in range(2)
        ]
        found = [mirror(pages[0], isere), offer(pages[1], isere)]
    mail.outbox.clear()
    with commits():
        consent.withdrawn_on = timezone.localdate()
        consent.save()
    assert all(TestimonialPage.objects.get(pk=page.pk).live for page in pages)
    return found


def test_the_receiver_reads_the_title_nowhere(client, sharings):
    client.force_login(make_user("isere-administrator", groups=["isere:administrator"]))
    for url in (*details(sharings), reverse("sharing:index"), reverse("wagtailadmin_home")):
        response = client.get(url)
        assert response.status_code == 200
        assert "zqname" not in response.content.decode()


def test_the_owner_reads_it(client, sharings):
    client.force_login(make_user("allier-administrator", groups=["allier:administrator"]))
    assert "zqname" in client.get(details(sharings)[0]).content.decode()


def test_choosers_and_links_do_not_show_it(sharings):
    page = page_of_sharing(sharings[0])
    with acting_as(make_user("editor", groups=["isere:editor"])):
        assert may_refer_to(page)
        assert not is_public(page)
        assert "zqname" not in str(AdminPageChooser().get_value_data(page.pk))


def test_no_mail_names_it(sharings):
    make_user("recevante", groups=["isere:administrator"])
    assert notify_publishers.call(sharings[1].pk) == 0


@pytest.fixture(params=["withdrawn", "expired", "consent deleted", "consent of the video", "other language"])
def lapsed_drafts(request, commits):
    """A testimonial that was never published, offered to Isère and invited to Creuse, whose consent ends."""
    allier, isere, creuse = (make_department(name) for name in ("allier", "isere", "creuse"))
    consents = [ConsentFactory(collection=allier.collection) for _number in range(2)]
    video = VideoFactory(collection=allier.collection, consent=consents[1])
    with commits():
        page = make_page(
            TestimonialPage, allier, publish=False, title="Camille zqname", consent=consents[0], video=video
        )
        found = [offer(page, isere), invite(page, creuse)]
    if request.param == "other language":
        translation = page.copy_for_translation(Locale.objects.get(language_code="en"), copy_parents=True)
        translation.consent = consent = ConsentFactory(collection=allier.collection)
        translation.save()
    else:
        consent = consents[request.param == "consent of the video"]
    mail.outbox.clear()

    def end():
        today = timezone.localdate()
        if request.param == "consent deleted":
            consent.delete()
        elif request.param == "expired":
            Consent.objects.filter(pk=consent.pk).update(expires_on=today - datetime.timedelta(days=1))
        else:
            consent.withdrawn_on = today
            consent.save()

    return found, end


def test_the_name_in_a_draft_is_shown_only_until_its_consent_ends(client, lapsed_drafts, commits):
    sharings, end = lapsed_drafts
    for sharing, name in zip(sharings, ("isere", "creuse"), strict=True):
        client.force_login(make_user(f"{name}-before", groups=[f"{name}:administrator"]))
        assert "zqname" in client.get(details([sharing])[0]).content.decode()

    with commits():
        end()

    for sharing, name in zip(sharings, ("isere", "creuse"), strict=True):
        client.force_login(make_user(f"{name}-after", groups=[f"{name}:administrator"]))
        for url in (*details([sharing]), reverse("sharing:index"), reverse("wagtailadmin_home")):
            response = client.get(url)
            assert response.status_code == 200
            assert "zqname" not in response.content.decode()
        assert notify_publishers.call(sharing.pk) == 0


def test_a_mail_about_a_draft_is_not_sent_after_its_consent_ended(lapsed_drafts, commits):
    sharings, end = lapsed_drafts
    user = make_user("recevante", groups=["isere:administrator"])
    assert may_receive(sharings[0], user.email)

    with commits():
        end()

    assert not may_receive(sharings[0], user.email)


def test_the_refusal_to_remove_a_language_does_not_name_it(sharings):
    language = DepartmentLocale.objects.get(department__code=sharings[0].department.code, is_source=True)
    language.is_source = False

    refusal = removal_refusal(language)

    assert refusal
    assert "zqname" not in refusal
