"""Somebody who loses a role does nothing more with it, not even by a request that the server had admitted before."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
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
from tests.snapshots import committed, reloaded

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


def make_side():
    """Return a department whose administrator is about to lose the role, and what this administrator may change."""
    allier, isere = make_department("allier"), make_department("isere")
    editors = Group.objects.filter(name="allier:editor")
    former = make_user("former", groups=["allier:administrator"])
    make_user("stays", groups=["allier:administrator"])
    invited = make_user("invited", groups=[])
    invitation, _link = membership.invite(allier, "a@example.org", editors)
    # As if it was sent while the sender lost the role, whose end revokes invitations.
    invitation_by_former, _link = membership.invite(allier, invited.email, editors)
    theirs = [make_page(StandardPage, isere, slug=f"theirs-{number}") for number in range(3)]
    return SimpleNamespace(
        allier=allier,
        isere=isere,
        former=former,
        member=make_user("member", groups=["allier:reader"]),
        invited=invited,
        invitation=invitation,
        invitation_by_former=invitation_by_former,
        page=make_page(StandardPage, allier, slug="page"),
        given=invite(make_page(StandardPage, allier, slug="given"), isere),
        received=invite(theirs[0], allier),
        held=hold_together(theirs[1], allier),
        offered=offer(theirs[2], allier),
    )


def state_of(side):
    return (
        list(Invitation.objects.order_by("pk").values_list("pk", "accepted_at", "revoked_at")),
        list(Sharing.objects.order_by("pk").values_list("pk", "state", "contact_name")),
        [sorted(user.groups.values_list("name", flat=True)) for user in (side.member, side.invited)],
        User.objects.get(pk=side.member.pk).is_active,
        ModelLogEntry.objects.count(),
    )


@pytest.fixture(scope="module")
def committed_side(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), committed("lost rights", make_side) as side:
        yield side


@pytest.fixture
def side(committed_side, db):
    return SimpleNamespace(**vars(reloaded(committed_side)), editors=Group.objects.filter(name="allier:editor"))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    "act", [*MEMBERS.values(), *SHARINGS.values()], ids=[*MEMBERS, *(f"{n} sharing" for n in SHARINGS)]
)
def test_every_change_is_refused_after_the_loss_of_the_role(act, loss, side):
    Invitation.objects.filter(pk=side.invitation_by_former.pk).update(invited_by=None)
    LOSSES[loss](side)
    side.invitation_by_former.invited_by = side.former
    before = state_of(side)

    with pytest.raises(PermissionDenied), transaction.atomic():
        act(side)

    assert state_of(side) == before


def test_a_former_administrator_of_the_instance_removes_no_language(side):
    former = make_user("instance", is_superuser=True)
    User.objects.filter(pk=former.pk).update(is_superuser=False)
    language = DepartmentLocale.objects.exclude(is_source=True).filter(department=side.allier).first()

    with pytest.raises(PermissionDenied), transaction.atomic():
        remove_language(language, former)

    assert DepartmentLocale.objects.filter(pk=language.pk).exists()
