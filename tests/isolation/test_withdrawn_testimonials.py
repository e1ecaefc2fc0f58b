"""Shared testimonials whose page stays live while a consent is missing; their titles name a person."""

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.widgets import AdminPageChooser

from cms.pages.models import TestimonialPage
from sites.access.references.acting_user import acting_as
from sites.access.references.referable_objects import is_public, may_refer_to
from sites.sharing.notifications import notify_publishers
from sites.sharing.shared_content import page_of_sharing
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, VideoFactory
from tests.factories.pages import make_page
from tests.factories.sharing import mirror, offer
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
