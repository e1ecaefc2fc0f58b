"""Answers to a sharing write to the logs of both departments: they are limited, and the history is shown in pages."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from cms.pages.models import StandardPage
from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS
from sites.models import AuditLogEntry, Sharing
from sites.sharing import transitions
from tests.factories.departments import make_department
from tests.factories.pages import make_page, make_section
from tests.factories.sharing import invite, offer
from tests.factories.users import make_user
from tests.rate_limit_counts import forget_counts

pytestmark = pytest.mark.django_db
CONTACT = {f"contact_{name}": "" for name in ("name", "email", "role", "phone")}


@pytest.fixture
def allier(settings):
    settings.RATE_LIMITS = DEFAULT_RATE_LIMITS
    forget_counts()
    return make_department("allier")


@pytest.fixture
def isere():
    return make_department("isere")


@pytest.fixture
def sharing(allier, isere, commits):
    with commits():
        return invite(make_page(StandardPage, allier), isere)


@pytest.fixture
def receiver(client, isere):
    client.force_login(make_user("receiver", groups=["isere:publisher"]))
    return client


def answer(client, sharing, action):
    return client.post(reverse("sharing:detail", args=[sharing.pk]), CONTACT | {"action": action})


@pytest.mark.parametrize("second", ["give_up", "contact"])
def test_one_account_answers_a_sharing_so_often_in_a_day(second, sharing, receiver, allier):
    actions = ["accept", *(["contact"] * 59)] if second == "contact" else ["accept", "give_up"] * 30
    statuses = [answer(receiver, sharing, action).status_code for action in actions]

    assert statuses[:20] == [302] * 20
    assert statuses[-1] in (404, 429)
    entries = AuditLogEntry.objects.filter(department=allier, action=AuditLogEntry.Action.SHARING)
    assert entries.count() <= 41


def test_an_accepted_sharing_can_be_ended_all_the_same(sharing, receiver, allier, client):
    answer(receiver, sharing, "accept")
    for _number in range(19):
        answer(receiver, sharing, "contact")
    assert answer(receiver, sharing, "contact").status_code == 429

    assert answer(receiver, sharing, "give_up").status_code == 302
    sharing.refresh_from_db()
    assert sharing.state == Sharing.State.GIVEN_UP
    client.force_login(make_user("owner", groups=["allier:administrator"]))
    assert answer(client, sharing, "withdraw").status_code == 302


def test_a_copy_is_an_answer(allier, isere, receiver, commits):
    with commits():
        make_section(isere, "event")
        offered = offer(make_page(StandardPage, allier), isere)
    for _number in range(20):
        receiver.post(reverse("copies:take", args=[offered.pk]))
        answer(receiver, offered, "give_up")
    assert receiver.post(reverse("copies:take", args=[offered.pk])).status_code == 429


def test_roles_are_not_changed_without_end(client, allier):
    client.force_login(make_user("administrator", groups=["allier:administrator"]))
    member = make_user("member", groups=["allier:reader"])
    url = f"/admin/team/allier/people/{member.pk}/"
    groups = [Group.objects.get(name=f"allier:{role}").pk for role in ("editor", "reader")]

    statuses = [client.post(url, {"groups": [groups[number % 2]]}).status_code for number in range(61)]

    assert statuses == [302] * 60 + [429]


def test_the_history_is_shown_in_pages(sharing, receiver):
    for _number in range(25):
        sharing = transitions.give_up(transitions.accept(sharing))
    url = reverse("sharing:detail", args=[sharing.pk])

    pages = [receiver.get(url, {"p": number}) for number in (1, 2, "x", 99)]

    assert [len(page.context["history"].object_list) for page in pages] == [30, 21, 30, 21]
    assert 'href="?p=2"' in pages[0].content.decode()
