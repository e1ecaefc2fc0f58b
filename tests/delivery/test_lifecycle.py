"""Published documents follow every change of a page: publishing, moving, hiding, withdrawing."""

import datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from wagtail.models import PageViewRestriction, Revision

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, StandardPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.pages import FACTORIES, home_of, make_page, make_section

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(department, commits):
    with commits():
        return make_page(EventPage, department, title="Journée", slug="journee")


@pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model.__name__)
def test_publishing_creates_a_document(model, department, commits, document_of):
    with commits():
        page = home_of(department) if model.__name__ == "DepartmentHomePage" else make_page(model, department)

    data = document_of(page)

    assert data["type"] == model.document_type
    assert data["id"] == str(page.translation_key)
    assert data["department"] == "allier"
    assert data["url"] == "http://allier.example.test" + data["path"] == page.full_url


def test_a_draft_has_no_document(department, commits, document_of, new_changes):
    with commits():
        section = make_section(department, "event")
    new_changes()

    with commits():
        draft = make_page(EventPage, section, publish=False, title="Secret")
        draft.save_revision()

    assert document_of(draft) == {}
    assert new_changes() == []


def test_a_draft_of_a_live_page_changes_nothing(event, commits, document_of, new_changes):
    new_changes()

    with commits():
        event.title = "Pas encore"
        event.save_revision()

    assert document_of(event)["title"] == "Journée"
    assert new_changes() == []


def test_republishing_changes_the_document(event, commits, document_of, new_changes):
    before = PublishedDocument.objects.get(page_id=event.pk)
    new_changes()

    with commits():
        event.title = "Journée des métiers"
        event.save_revision().publish()

    after = PublishedDocument.objects.get(page_id=event.pk)
    assert document_of(event)["title"] == after.title == "Journée des métiers"
    assert new_changes() == [(event.pk, False)]
    assert after.etag != before.etag
    assert after.sequence > before.sequence


def test_unpublishing_leaves_a_tombstone(event, commits, document_of, new_changes):
    new_changes()

    with commits():
        event.unpublish()

    assert document_of(event) == {}
    assert new_changes() == [(event.pk, True)]
    tombstone = PublishedDocument.objects.get(page_id=event.pk)
    assert (tombstone.body, tombstone.data, tombstone.placements.count()) == ("", {}, 0)


def test_publishing_again_revives_the_tombstone(event, commits, document_of, new_changes):
    with commits():
        event.unpublish()
    new_changes()

    with commits():
        event.save_revision().publish()

    assert document_of(event)["title"] == "Journée"
    assert new_changes() == [(event.pk, False)]


def test_deleting_a_section_withdraws_its_descendants(event, commits, document_of, new_changes):
    section = event.get_parent().specific
    new_changes()

    with commits():
        section.delete()

    assert document_of(event) == document_of(section) == {}
    assert sorted(new_changes()) == sorted([(event.pk, True), (section.pk, True)])


def test_a_page_does_not_move_to_another_department(event, commits, document_of, new_changes):
    with commits():
        other = make_section(make_department("isere"), "event")
    before = document_of(event)
    new_changes()

    with pytest.raises(ValidationError), commits():
        event.move(other, pos="last-child")

    assert document_of(event) == before
    assert new_changes() == []


def test_moving_a_page_changes_the_paths_of_its_descendants(event, department, commits, document_of):
    with commits():
        background = make_page(StandardPage, department, slug="fond")
        deep = make_page(StandardPage, background, slug="detail")
        target = make_page(StandardPage, department, slug="archives")

    with commits():
        background.move(target, pos="last-child")

    assert document_of(background)["path"] == "/fr/archives/fond/"
    assert document_of(deep)["path"] == "/fr/archives/fond/detail/"


def test_a_new_slug_changes_the_paths_of_descendants(event, commits, document_of):
    section = event.get_parent().specific

    with commits():
        section.slug = "agenda"
        section.save_revision().publish()

    assert document_of(event)["path"] == "/fr/agenda/journee/"
    assert PublishedDocument.objects.get(page_id=event.pk).placements.get().path == "/fr/agenda/journee/"


def test_a_new_slug_of_an_unpublished_page_changes_the_paths_of_descendants(event, commits, document_of):
    section = event.get_parent().specific
    with commits():
        section.unpublish()

    with commits():
        section.slug = "agenda"
        section.save(clean=False)

    assert document_of(event)["path"] == "/fr/agenda/journee/"


def test_reordering_changes_no_document(department, commits, new_changes):
    with commits():
        first, second = (make_page(StandardPage, department, slug=slug) for slug in ("un", "deux"))
    new_changes()

    with commits():
        second.move(first, pos="left")

    assert new_changes() == []
    order = PublishedDocument.objects.filter(page_id__in=[first.pk, second.pk]).order_by("tree_path")
    assert [document.page_id for document in order] == [second.pk, first.pk]


def test_scheduled_go_live_and_expiry(department, commits, document_of, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    with commits():
        page = make_page(
            EventPage,
            department,
            go_live_at=now + datetime.timedelta(hours=1),
            expire_at=now + datetime.timedelta(hours=3),
        )
    assert document_of(page) == {}

    time_machine.move_to(now + datetime.timedelta(hours=2), tick=False)
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    assert document_of(page)["id"] == str(page.translation_key)

    time_machine.move_to(now + datetime.timedelta(hours=4), tick=False)
    assert document_of(page) == {}, "hidden on time, even while the command has not run"
    assert not PublishedDocument.objects.get(page_id=page.pk).is_withdrawn
    with commits():
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())
    assert PublishedDocument.objects.get(page_id=page.pk).is_withdrawn


def test_a_page_that_cannot_go_live_does_not_stop_the_others(department, commits, document_of, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    later = now + datetime.timedelta(days=2)
    ends_tomorrow = ConsentFactory(expires_on=timezone.localdate() + datetime.timedelta(days=1))
    with commits():
        refused = make_page(TestimonialPage, department, title="Refusé", consent=ends_tomorrow, go_live_at=later)
        accepted = make_page(EventPage, department, go_live_at=later)
    # With an expiry date the page would expire before it goes live.
    for revision in Revision.page_revisions.filter(object_id=refused.pk):
        revision.content["expire_at"] = None
        revision.save()

    time_machine.move_to(now + datetime.timedelta(days=3), tick=False)
    with commits(), pytest.raises(CommandError, match="Refusé"):
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert document_of(accepted)
    assert document_of(refused) == {}


def test_a_private_section_hides_its_descendants_until_it_is_public_again(event, commits, document_of):
    with commits():
        restriction = PageViewRestriction.objects.create(
            page=event.get_parent(), restriction_type=PageViewRestriction.LOGIN
        )
    assert document_of(event) == {}

    with commits():
        restriction.delete()
    assert document_of(event)["title"] == "Journée"


def test_a_page_created_below_a_private_page_is_hidden(department, commits, document_of):
    with commits():
        section = make_section(department, "event")
        PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.PASSWORD, password="x")
        page = make_page(EventPage, section)

    assert document_of(page) == {}


def test_moving_a_page_out_of_a_private_section_publishes_its_descendants(department, commits, document_of):
    with commits():
        private = make_page(StandardPage, department, slug="prive")
        PageViewRestriction.objects.create(page=private, restriction_type=PageViewRestriction.LOGIN)
        folder = make_page(StandardPage, private, slug="dossier")
        deep = make_page(StandardPage, folder, slug="detail")
    assert document_of(deep) == {}

    with commits():
        folder.move(home_of(department), pos="last-child")

    assert document_of(folder)["path"] == "/fr/dossier/"
    assert document_of(deep)["path"] == "/fr/dossier/detail/"


def test_two_changes_of_paths_before_one_refresh(department, commits, document_of):
    with commits():
        outer = make_page(StandardPage, department, slug="s")
        inner = make_page(StandardPage, outer, slug="a")
        deep = make_page(StandardPage, inner, slug="x")

    with commits():
        inner.move(home_of(department), pos="last-child")
        inner = StandardPage.objects.get(pk=inner.pk)
        outer = StandardPage.objects.get(pk=outer.pk)
        outer.slug = "t"
        outer.save_revision().publish()
        inner.slug = "s"
        inner.save_revision().publish()

    assert document_of(deep)["path"] == "/fr/s/x/"


def test_a_new_expiry_date_enters_the_feed(event, commits, new_changes):
    new_changes()

    with commits():
        event.expire_at = timezone.now() + datetime.timedelta(days=9)
        event.save()

    assert new_changes() == [(event.pk, False)]


def test_the_command_continues_after_an_unreadable_revision(department, commits, document_of, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    later = now + datetime.timedelta(days=1)
    with commits():
        broken = make_page(StandardPage, department, title="Illisible", go_live_at=later)
        event = make_page(EventPage, department, go_live_at=later)
    for revision in Revision.page_revisions.filter(object_id=broken.pk):
        revision.content["body"] = "{"
        revision.content["locale"] = 999_999
        revision.save()

    time_machine.move_to(now + datetime.timedelta(days=2), tick=False)
    with commits(), pytest.raises(CommandError):
        call_command("publish_scheduled", accept_clock=True, stdout=StringIO())

    assert document_of(event)
