"""Tests of sharing: who may propose, answer and withdraw, and what each side can see."""

import uuid

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail.models import ModelLogEntry, PageLogEntry, PageViewRestriction, ReferenceIndex

from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, ProfessionPage, StandardPage
from sites.models import Sharing
from sites.sharing import transitions
from tests.factories.departments import make_department
from tests.factories.pages import home_of, make_page, make_section
from tests.factories.sharing import hold_together, invite, mirror, offer
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded


@pytest.fixture
def allier(db):
    return make_department("allier")


@pytest.fixture
def isere(db):
    return make_department("isere")


@pytest.fixture
def loire(db):
    return make_department("loire")


@pytest.fixture
def festival(allier, commits):
    with commits():
        return make_page(EventPage, allier, title="Festival", slug="festival")


@pytest.fixture
def act(client):
    """Return a browser in which a user of the group is logged in: `act("isere:publisher")`."""

    def act(group):
        client.force_login(make_user(group.replace(":", "-"), groups=[group]))
        return client

    return act


def detail(sharing):
    return reverse("sharing:detail", args=[sharing.pk])


def stands_on(page, department):
    return PublishedDocument.objects.public().on_site_of(department).filter(page_id=page.pk).exists()


class TestProposing:
    def propose(self, client, page, **data):
        return client.post(reverse("sharing:propose", args=[page.pk]), data)

    def test_an_owners_publisher_invites_any_department_by_name(self, act, festival, isere, loire):
        client = act("allier:publisher")
        form = client.get(reverse("sharing:propose", args=[festival.pk])).content.decode()
        assert "Isere" in form
        assert "Loire" in form
        response = self.propose(client, festival, kind="co_holding", departments=[isere.pk])

        assert response.status_code == 302
        sharing = Sharing.objects.get()
        assert (sharing.owner.slug, sharing.department.slug, sharing.state) == ("allier", "isere", "proposed")
        assert not stands_on(festival, isere)

    def test_an_offer_goes_to_all_that_have_not_been_asked(self, act, festival, isere, loire):
        invite(festival, isere)
        response = self.propose(act("allier:publisher"), festival, kind="offer", to_all="on")
        assert response.status_code == 302
        assert list(Sharing.objects.filter(kind="offer").values_list("department__slug", flat=True)) == ["loire"]

    @pytest.mark.parametrize("group", ["allier:editor", "isere:publisher", "isere:administrator"])
    def test_other_roles_do_not_send_pages_to_translation(self, act, festival, isere, group):
        response = self.propose(act(group), festival, kind="co_holding", departments=[isere.pk])
        assert response.status_code == 404
        assert not Sharing.objects.exists()

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "co_holding"},
            {"kind": "co_holding", "departments": [999_999]},
            {"kind": "co_holding", "departments": ["x"]},
            {"kind": "anything", "to_all": "on"},
        ],
    )
    def test_forged_forms_are_refused_with_a_reason(self, act, festival, isere, data):
        response = self.propose(act("allier:publisher"), festival, **data)
        assert response.status_code == 200
        assert response.context["form"].errors
        assert not Sharing.objects.exists()

    def test_not_with_itself_and_not_twice(self, act, allier, festival, isere):
        invite(festival, isere)
        client = act("allier:publisher")
        for department in (allier, isere):
            response = self.propose(client, festival, kind="offer", departments=[department.pk])
            assert "departments" in response.context["form"].errors
        with pytest.raises(ValidationError):
            invite(festival, isere)
        with pytest.raises(ValidationError):
            invite(festival, allier)

    def test_a_home_and_a_section_belong_to_one_site(self, act, allier, isere):
        client = act("allier:publisher")
        for page in (home_of(allier), make_section(allier, "event")):
            assert client.get(reverse("sharing:propose", args=[page.pk])).status_code == 404
            with pytest.raises(ValidationError):
                offer(page, isere)

    def test_a_private_page_is_not_proposed(self, act, festival, isere):
        PageViewRestriction.objects.create(page=festival.get_parent(), restriction_type=PageViewRestriction.LOGIN)
        response = self.propose(act("allier:publisher"), festival, kind="offer", departments=[isere.pk])
        assert response.status_code == 200
        assert not Sharing.objects.exists()

    def test_the_page_leads_there(self, act, festival):
        url = reverse("sharing:propose", args=[festival.pk])
        edit = reverse("wagtailadmin_pages:edit", args=[festival.pk])
        assert url in act("allier:publisher").get(edit).content.decode()

    def test_publishers_of_the_other_department_get_an_email_in_french(self, festival, isere, loire, commits):
        for group in ("isere:publisher", "isere:administrator", "isere:editor", "loire:publisher"):
            make_user(group.replace(":", "-"), groups=[group])
        with commits():
            sharing = invite(festival, isere)
        assert [message.to for message in mail.outbox] == [
            ["isere-publisher@example.org"],
            ["isere-administrator@example.org"],
        ]
        assert "Allier" in mail.outbox[0].subject
        assert "Festival" in mail.outbox[0].body
        assert detail(sharing) in mail.outbox[0].body
        assert "accepter" in mail.outbox[0].body

    def test_no_email_tells_of_what_became_private_or_was_withdrawn_meanwhile(self, festival, isere, loire, commits):
        for group in ("isere:publisher", "loire:publisher"):
            make_user(group.replace(":", "-"), groups=[group])
        with commits():
            transitions.withdraw(invite(festival, isere))
        with commits():
            invite(festival, loire)
            PageViewRestriction.objects.create(page=festival, restriction_type=PageViewRestriction.LOGIN)
        assert not mail.outbox


class TestAnswering:
    def test_the_other_publisher_accepts_with_a_contact_and_gives_up(self, act, festival, isere, commits):
        sharing = invite(festival, isere)
        client = act("isere:publisher")
        assert "Festival" in client.get(reverse("sharing:index")).content.decode()
        with commits():
            client.post(
                detail(sharing),
                {"action": "accept", "contact_name": "Mission emploi", "contact_email": "emploi@isere.example"},
            )
        document = PublishedDocument.objects.get(page_id=festival.pk)
        assert [(each["department"], each["relation"]) for each in document.data["holders"]] == [
            ("allier", "owner"),
            ("isere", "co_holder"),
        ]
        assert document.data["holders"][1]["contact"]["name"] == "Mission emploi"
        assert document.data["url"] == document.data["holders"][0]["url"]

        with commits():
            client.post(detail(sharing), {"action": "give_up"})
        assert not stands_on(festival, isere)

    def test_reading_is_no_answer(self, act, festival, isere):
        sharing = invite(festival, isere)
        for group in ("isere:publisher", "allier:publisher"):
            assert act(group).get(detail(sharing)).status_code == 200
        sharing.refresh_from_db()
        assert sharing.state == "proposed"

    def test_the_owner_withdraws_and_then_nothing_can_be_accepted(self, act, festival, isere, commits):
        with commits():
            sharing = hold_together(festival, isere)
        assert stands_on(festival, isere)
        with commits():
            act("allier:publisher").post(detail(sharing), {"action": "withdraw"})
        assert not stands_on(festival, isere)
        with commits():
            assert act("isere:publisher").post(detail(sharing), {"action": "accept"}).status_code == 404
        assert not stands_on(festival, isere)

    def test_no_can_become_yes_while_the_proposal_stands(self, act, festival, isere, commits):
        sharing = invite(festival, isere)
        client = act("isere:publisher")
        client.post(detail(sharing), {"action": "decline"})
        sharing.refresh_from_db()
        assert sharing.state == "declined"
        with commits():
            client.post(detail(sharing), {"action": "accept"})
        assert stands_on(festival, isere)

    @pytest.mark.parametrize("action", ["accept", "mirror", "decline", "give_up", "contact"])
    def test_the_owner_does_not_answer_for_the_other(self, act, festival, isere, action):
        sharing = invite(festival, isere)
        assert act("allier:publisher").post(detail(sharing), {"action": action}).status_code == 404
        sharing.refresh_from_db()
        assert sharing.state == "proposed"

    @pytest.mark.parametrize("action", ["accept", "decline", "withdraw", "give_up", "mirror", "", "x"])
    @pytest.mark.parametrize("group", ["loire:publisher", "loire:administrator", "isere:editor"])
    def test_a_third_department_and_an_editor_see_and_do_nothing(self, act, festival, isere, loire, group, action):
        sharing = invite(festival, isere)
        client = act(group)
        assert client.get(detail(sharing)).status_code == 404
        assert client.post(detail(sharing), {"action": action}).status_code == 404
        listing = client.get(reverse("sharing:index"))
        assert listing.status_code == (404 if "editor" in group else 200)
        assert "Festival" not in listing.content.decode()
        sharing.refresh_from_db()
        assert sharing.state == "proposed"

    def test_the_invited_department_changes_nothing_of_the_page(self, act, festival, isere, commits):
        with commits():
            hold_together(festival, isere)
        client = act("isere:administrator")
        for name in ("edit", "history", "unpublish", "delete", "move", "usage"):
            assert client.get(reverse(f"wagtailadmin_pages:{name}", args=[festival.pk])).status_code == 404
        assert client.get(reverse("wagtailadmin_pages:view_draft", args=[festival.pk])).status_code == 404

    def test_a_contact_without_any_way_to_reach_it_is_refused(self, act, festival, isere):
        sharing = invite(festival, isere)
        response = act("isere:publisher").post(detail(sharing), {"action": "accept", "contact_name": "Quelqu’un"})
        assert response.status_code == 200
        assert "contact_email" in response.context["contact_form"].errors
        sharing.refresh_from_db()
        assert sharing.state == "proposed"

    def test_a_key_that_no_database_has(self, act, isere):
        assert act("isere:publisher").get(f"/admin/sharing/{10**30}/").status_code == 404


class TestKnowing:
    def test_a_draft_never_leaks(self, act, festival, isere, commits):
        festival.title = "Titre secret"
        festival.save_revision()
        sharing = invite(festival, isere)
        client = act("isere:publisher")
        for url in (detail(sharing), reverse("sharing:index")):
            page = client.get(url).content.decode()
            assert "Titre secret" not in page
            assert "Festival" in page

    def test_of_an_unpublished_page_only_the_title_is_shown(self, act, allier, isere):
        draft = make_page(EventPage, allier, publish=False, title="À venir", summary="Rien encore")
        page = act("isere:publisher").get(detail(invite(draft, isere))).content.decode()
        assert "À venir" in page
        assert "Rien encore" not in page
        assert "http://allier.example.test" not in page

    def test_the_title_of_a_page_that_becomes_private_is_hidden(self, act, festival, isere, commits):
        with commits():
            sharing = hold_together(festival, isere)
            PageViewRestriction.objects.create(page=festival, restriction_type=PageViewRestriction.LOGIN)
        client = act("isere:publisher")
        for url in (detail(sharing), reverse("sharing:index")):
            assert "Festival" not in client.get(url).content.decode()
        assert not stands_on(festival, isere)

    def test_the_log_keeps_who_did_what_and_hides_people_from_the_other_side(self, act, festival, isere):
        owner = make_user("chef-allier", groups=["allier:publisher"])
        sharing = transitions.propose(festival, isere, Sharing.Kind.CO_HOLDING, owner)
        client = act("isere:publisher")
        client.post(detail(sharing), {"action": "accept"})
        entries = ModelLogEntry.objects.filter(object_id=str(sharing.pk)).order_by("pk")
        assert [(entry.action, entry.user.username) for entry in entries] == [
            ("sharing.propose", "chef-allier"),
            ("sharing.accept", "isere-publisher"),
        ]
        shown = client.get(detail(sharing)).context["history"]
        assert [(entry["by"], bool(entry["person"])) for entry in shown] == [("Isere", True), ("Allier", False)]
        history = PageLogEntry.objects.filter(page=festival.pk, action__startswith="sharing.").order_by("pk")
        assert [entry.user for entry in history] == [owner, None]

    @pytest.mark.parametrize("name", ["index", "given"])
    def test_lists_cost_the_same_for_many(self, act, allier, isere, name, commits, django_assert_max_num_queries):
        client = act("isere:publisher" if name == "index" else "allier:publisher")
        client.get(reverse(f"sharing:{name}"))  # This request fills the caches of content types and site roots.
        for number in range(12):
            with commits():
                invite(make_page(EventPage, allier, title=f"Journée {number}", slug=f"j{number}"), isere)
            if number == 1:
                few = _queries(client, name)
        with django_assert_max_num_queries(few):
            page = client.get(reverse(f"sharing:{name}"))
        assert page.content.decode().count("Journée") >= 12


def _queries(client, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(reverse(f"sharing:{name}"))
    return len(captured)


class TestMirrors:
    def test_an_offer_is_taken_as_a_mirror(self, act, allier, isere, commits):
        with commits():
            page = make_page(ProfessionPage, allier, title="Éducatrice", slug="educatrice")
            sharing = offer(page, isere)
        with commits():
            act("isere:publisher").post(detail(sharing), {"action": "mirror"})
        document = PublishedDocument.objects.get(page_id=page.pk).data
        assert document["holders"][1]["relation"] == "mirror"
        assert document["holders"][1]["contact"] is None
        assert stands_on(page, isere)

    def test_an_offer_is_not_accepted_as_an_invitation_nor_the_other_way_round(self, festival, isere, loire):
        with pytest.raises(ValidationError):
            transitions.accept(offer(festival, isere))
        with pytest.raises(ValidationError):
            transitions.accept(invite(festival, loire), Sharing.Taken.MIRROR)

    def test_only_what_its_owner_shares_has_an_effect(self, festival, allier, isere, loire, commits):
        with commits():
            sharing = mirror(festival, loire)
        assert stands_on(festival, loire)
        with commits():
            sharing.owner = isere
            sharing.save()
        assert not stands_on(festival, loire)

    def test_a_sharing_of_unknown_content_is_harmless(self, act, allier, isere):
        sharing = Sharing.objects.create(content_key=uuid.uuid4(), owner=allier, department=isere, kind="offer")
        client = act("isere:publisher")
        assert client.get(detail(sharing)).status_code == 200
        assert client.post(detail(sharing), {"action": "mirror"}).status_code == 404


def test_the_usage_of_a_shared_page_shows_no_draft_of_another_department(db, client):
    allier, isere = make_department("ain", code="01"), make_department("aisne", code="02")
    page = make_page(EventPage, allier, title="Ours", slug="ours")
    hold_together(page, isere)
    body = [("text", f'<p><a linktype="page" id="{page.pk}">x</a></p>')]
    draft = make_page(StandardPage, isere, publish=False, title="Zqdraft", slug="zqdraft", body=body)
    ReferenceIndex.create_or_update_for_object(draft)
    client.force_login(make_user("adm", groups=["ain:administrator"]))
    response = client.get(reverse("wagtailadmin_pages:usage", args=[page.pk]))
    assert response.status_code == 200
    assert BeautifulSoup(response.content, "lxml").select("table.listing tbody tr") == []
