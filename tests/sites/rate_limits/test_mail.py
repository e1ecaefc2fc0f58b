"""Limits of invitations and proposals of sharing, each of which sends mail."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.pages.models import EventPage
from sites.members import membership
from sites.models import Invitation, Sharing
from sites.rate_limits.limiter import RateLimitExceeded
from sites.sharing import transitions
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.isolation.people import keys, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def allier():
    return make_department("allier")


@pytest.fixture
def administrator(client, allier):
    user = make_user("chef", groups=["allier:administrator"])
    client.force_login(user)
    return user


def invite(client, email):
    return client.post(url_of("invite"), {"email": email, "groups": keys("allier:editor")}).status_code


def test_one_address_gets_few_invitations(client, administrator, rate_limits, reached, mailoutbox, commits):
    answers = []
    for email in ["a@example.org", "A@example.org", "a@example.org"] * 5:
        with commits():  # Each: an invitation that the next one revokes is not sent.
            answers.append(invite(client, email))
    assert answers == [302] * 3 + [429] * 12
    assert Invitation.objects.count() == len(mailoutbox) == 3
    assert reached == [("invitation.recipient", "chef")]


def test_an_invitation_is_not_sent_again_without_limit(client, administrator, rate_limits):
    invite(client, "a@example.org")
    answers = []
    for _attempt in range(4):
        pending = Invitation.objects.pending().get()
        answers.append(client.post(url_of("resend", pending.pk)).status_code)
    assert answers == [302, 302, 429, 429]


def test_an_administrator_sends_few_invitations_in_an_hour(client, administrator, rate_limits):
    assert [invite(client, f"a{number}@example.org") for number in range(30)] == [302] * 20 + [429] * 10
    assert Invitation.objects.count() == 20


def administrate_all(administrator):
    administrator.groups.set(Group.objects.filter(name__endswith=":administrator"))


def test_several_departments_do_not_flood_one_address(allier, administrator, rate_limits):
    rate_limits["invitation.address"] = "4/day"
    isere = make_department("isere")
    administrate_all(administrator)
    # Beyond the limit each department has one.
    for department in (allier, allier, isere, isere, isere):
        membership.invite(department, "a@example.org", [department.department_groups.first().group], by=administrator)
    rate_limits["invitation.recipient"] = "10/day"
    with pytest.raises(RateLimitExceeded):
        membership.invite(isere, "a@example.org", [isere.department_groups.first().group], by=administrator)


def test_other_departments_cannot_use_up_the_invitation_of_a_department(allier, administrator, rate_limits):
    rate_limits["invitation.address"] = "4/day"
    isere, loire = make_department("isere"), make_department("loire")
    administrate_all(administrator)
    for department in (allier, allier, allier, isere, isere):
        membership.invite(department, "a@example.org", [department.department_groups.first().group], by=administrator)
    invitation, _link = membership.invite(
        loire, "a@example.org", [loire.department_groups.first().group], by=administrator
    )
    assert Invitation.objects.open().filter(pk=invitation.pk).exists()


def test_a_command_invites_without_limit(allier, rate_limits):
    group = allier.department_groups.first().group
    for _attempt in range(6):
        membership.invite(allier, "a@example.org", [group])


def test_one_content_is_proposed_to_a_department_a_few_times(client, administrator, allier, rate_limits, commits):
    isere = make_department("isere")
    with commits():
        page = make_page(EventPage, allier, title="Festival", slug="festival")
    answers = []
    for _attempt in range(5):
        data = {"kind": "co_holding", "departments": [isere.pk]}
        answers.append(client.post(reverse("sharing:propose", args=[page.pk]), data).status_code)
        if (sharing := Sharing.objects.first()) and sharing.state == Sharing.State.PROPOSED:
            transitions.withdraw(sharing, administrator)
    assert answers == [302] * 3 + [429] * 2


def test_a_department_gets_few_proposals_of_another(administrator, allier, rate_limits, commits):
    rate_limits["sharing.department"] = "2/day"
    isere = make_department("isere")
    with commits():
        pages = [make_page(EventPage, allier, title=f"Festival {number}", slug=f"f{number}") for number in range(3)]
    for page in pages[:2]:
        transitions.propose(page, isere, Sharing.Kind.OFFER, administrator)
    with pytest.raises(RateLimitExceeded):
        transitions.propose(pages[2], isere, Sharing.Kind.OFFER, administrator)
    assert Sharing.objects.count() == 2
