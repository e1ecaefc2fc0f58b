"""Somebody who loses a role does nothing more with it, not even by a request that the server had admitted before."""

import threading
import time

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone
from wagtail.models import ModelLogEntry

from cms.copies.copying import take_copy
from cms.pages.models import StandardPage
from cms.users.models import User
from sites.lifecycle.language_removal import remove_language
from sites.members import membership
from sites.models import DepartmentLocale, Invitation, Sharing
from sites.sharing import transitions
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import hold_together, invite, offer
from tests.factories.users import make_user

MEMBERS = {
    "invite": lambda side: membership.invite(side.allier, "b@example.org", side.editors, by=side.former),
    "revoke": lambda side: membership.revoke_invitation(side.invitation, by=side.former),
    "roles": lambda side: membership.change_roles(side.allier, side.member, side.editors, by=side.former),
    "remove": lambda side: membership.remove_member(side.allier, side.member, by=side.former, close_account=True),
    "accept": lambda side: membership.accept_invitation(side.invitation_by_former, side.invited),
}
SHARINGS = {
    "propose": lambda side: transitions.propose(side.page, side.isere, Sharing.Kind.OFFER, side.former),
    "withdraw": lambda side: transitions.withdraw(side.given, side.former),
    "accept": lambda side: transitions.accept(side.received, "", None, side.former),
    "decline": lambda side: transitions.decline(side.received, side.former),
    "give up": lambda side: transitions.give_up(side.held, side.former),
    "contact": lambda side: transitions.change_contact(side.held, {"contact_name": "X"}, side.former),
    "copy": lambda side: take_copy(side.offered, side.former),
}
LOSSES = {
    "removed": lambda side: membership.remove_member(side.allier, User.objects.get(pk=side.former.pk), by=None),
    "closed": lambda side: User.objects.filter(pk=side.former.pk).update(is_active=False),
    "suspended": lambda side: type(side.allier).objects.filter(pk=side.allier.pk).update(suspended_at=timezone.now()),
}


class Side:
    """A department with an administrator who is about to lose the role, and with what this administrator may change."""

    def __init__(self):
        self.allier, self.isere = make_department("allier"), make_department("isere")
        self.editors = Group.objects.filter(name="allier:editor")
        self.former = make_user("former", groups=["allier:administrator"])
        make_user("stays", groups=["allier:administrator"])
        self.member = make_user("member", groups=["allier:reader"])
        self.invited = make_user("invited", groups=[])
        self.invitation, _link = membership.invite(self.allier, "a@example.org", self.editors)
        self.page = make_page(StandardPage, self.allier, slug="page")
        theirs = [make_page(StandardPage, self.isere, slug=f"theirs-{number}") for number in range(3)]
        self.given = invite(make_page(StandardPage, self.allier, slug="given"), self.isere)
        self.received, self.held = invite(theirs[0], self.allier), hold_together(theirs[1], self.allier)
        self.offered = offer(theirs[2], self.allier)
        invitation, _link = membership.invite(self.allier, self.invited.email, self.editors)
        # As if it was sent while the sender lost the role, whose end revokes invitations.
        self.invitation_by_former = invitation

    def state(self):
        return (
            list(Invitation.objects.order_by("pk").values_list("pk", "accepted_at", "revoked_at")),
            list(Sharing.objects.order_by("pk").values_list("pk", "state", "contact_name")),
            [sorted(user.groups.values_list("name", flat=True)) for user in (self.member, self.invited)],
            User.objects.get(pk=self.member.pk).is_active,
            ModelLogEntry.objects.count(),
        )


@pytest.fixture
def side(db, commits):
    with commits():
        return Side()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "act", [*MEMBERS.values(), *SHARINGS.values()], ids=[*MEMBERS, *(f"{n} sharing" for n in SHARINGS)]
)
def test_every_change_is_refused_after_the_loss_of_the_role(act, loss, side):
    Invitation.objects.filter(pk=side.invitation_by_former.pk).update(invited_by=None)
    LOSSES[loss](side)
    side.invitation_by_former.invited_by = side.former
    before = side.state()

    with pytest.raises(PermissionDenied), transaction.atomic():
        act(side)

    assert side.state() == before


def test_a_former_administrator_of_the_instance_removes_no_language(side):
    former = make_user("instance", is_superuser=True)
    User.objects.filter(pk=former.pk).update(is_superuser=False)
    language = DepartmentLocale.objects.exclude(is_source=True).filter(department=side.allier).first()

    with pytest.raises(PermissionDenied), transaction.atomic():
        remove_language(language, former)

    assert DepartmentLocale.objects.filter(pk=language.pk).exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["invite/", "people/{member}/", "people/{member}/remove/"])
def test_a_request_that_waits_for_the_removal_of_its_sender_is_refused(path):
    allier = make_department("allier")
    former, _stays = (make_user(name, groups=["allier:administrator"]) for name in ("former", "stays"))
    member = make_user("member", groups=["allier:reader"])
    client = Client()
    client.force_login(former)
    administrators = Group.objects.get(name="allier:administrator")
    answers = []

    def send():
        data = {"email": "second@example.org", "groups": [administrators.pk], "close_account": "on"}
        answers.append(client.post(f"/admin/team/allier/{path.format(member=member.pk)}", data))
        connections.close_all()

    thread = threading.Thread(target=send)
    with transaction.atomic():
        membership.remove_member(allier, User.objects.get(pk=former.pk), by=None)
        thread.start()
        time.sleep(1.5)
        assert thread.is_alive(), "the request does not wait for the lock"
    thread.join()

    assert answers[0].status_code in (302, 403)
    assert not Invitation.objects.exists()
    assert list(member.groups.values_list("name", flat=True)) == ["allier:reader"]
    assert User.objects.get(pk=member.pk).is_active
