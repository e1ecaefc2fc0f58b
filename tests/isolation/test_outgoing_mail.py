"""Tests of the check at sending time, and of what ends when somebody leaves a department."""

import ast
from pathlib import Path

import pytest
import wagtail
import wagtail_localize
from django.contrib.auth.models import Group
from django.core import mail
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.models import Comment, PageSubscription, PageViewRestriction
from wagtail.users.models import UserProfile

from cms.pages.models import StandardPage
from sites.admin.screens.page_views import DepartmentPageViewSet
from sites.lifecycle.deletion_protection import retirement
from sites.mail.audience import about, may_receive
from sites.mail.models import OutgoingMessage
from sites.mail.overrides.workflow_notifiers import NOTIFIERS
from sites.members import membership
from sites.models import Invitation
from sites.sharing.notifications import notify_publishers
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.sharing import invite
from tests.factories.users import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

# Functions of installed packages that send e-mail, by module: each goes through a notifier, or a view that marks it.
SENDERS = {
    "wagtail/admin/mail.py",  # the notifiers below, and `send_notification`
    "wagtail/admin/views/pages/edit.py",  # comments: `sites.admin.screens.page_views`
    "wagtail/contrib/forms/models.py",  # not installed
}


def test_every_sender_of_installed_packages_is_known():
    found = set()
    for package in (wagtail, wagtail_localize):
        root = Path(package.__file__).parent
        for file in root.rglob("*.py"):
            if {"tests", "test"}.isdisjoint(file.relative_to(root).parts):
                names = {node.id for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Name)}
                if names & {"send_mail", "send_notification", "EmailMessage", "EmailMultiAlternatives"}:
                    found.add(file.relative_to(root.parent).as_posix())
    assert found == SENDERS


@pytest.mark.parametrize(("signal", "sender", "uid", "notifier"), NOTIFIERS, ids=[row[2] for row in NOTIFIERS])
def test_the_notifiers_replace_those_of_wagtail(signal, sender, uid, notifier):
    names = [type(receiver).__module__ for receiver in signal._live_receivers(sender)[0]]
    assert notifier in signal._live_receivers(sender)[0]
    assert "wagtail.admin.mail" not in names


def leave(user, department):
    membership.remove_member(department, user, by=None)


def clear(user, department):
    user.groups.clear()


def remove_from_group(user, department):
    Group.objects.get(name="allier:editor").user_set.remove(user)


def delete_group(user, department):
    with retirement(department):
        Group.objects.get(name="allier:editor").delete()


def close(user, department):
    user.is_active = False
    user.save()


WAYS_TO_LEAVE = [leave, clear, remove_from_group, delete_group, close]


@pytest.mark.parametrize("way", WAYS_TO_LEAVE)
def test_leaving_ends_subscriptions_locks_sessions_and_mail(fixture_data, commits, way):
    """`commits` runs after the person has left: the e-mails are older, and are checked when they are sent."""
    side, other = fixture_data.ours, fixture_data.theirs
    user = make_user("partante", groups=["allier:editor"])
    colleague = make_user("collegue", groups=["allier:publisher"])
    page = side.page
    for each in (user, colleague):
        PageSubscription.objects.create(user=each, page=page, comment_notifications=True)
        EditingSession.objects.create(user=each, content_object=page, last_seen_at=timezone.now())
    type(page).objects.filter(pk=page.pk).update(locked=True, locked_by=user, locked_at=timezone.now())
    Invitation.objects.create(department=side.department, email=user.email, token_hash="own")
    elsewhere = Invitation.objects.create(department=other.department, email=user.email, token_hash="other")
    with commits():
        with about(page):
            send_mail("Comment", "Text", None, [user.email, colleague.email])
        way(user, side.department)
    assert [message.recipients() for message in mail.outbox] == [[colleague.email]]
    assert not OutgoingMessage.objects.exists()
    assert list(PageSubscription.objects.filter(page=page).values_list("user", flat=True)) == [colleague.pk]
    assert not EditingSession.objects.filter(user=user).exists()
    assert EditingSession.objects.filter(user=colleague).exists()
    page.refresh_from_db()
    assert (page.locked, page.locked_by) == (False, None)
    assert list(Invitation.objects.open().filter(email=user.email)) == [elsewhere]


def test_another_role_keeps_subscriptions_and_locks(fixture_data):
    department, page = fixture_data.ours.department, fixture_data.ours.page
    user = make_user("promue", groups=["allier:editor"])
    PageSubscription.objects.create(user=user, page=page, comment_notifications=True)
    membership.change_roles(department, user, Group.objects.filter(name="allier:publisher"), by=None)
    assert PageSubscription.objects.filter(user=user).exists()


def test_comments_reach_members_only(fixture_data, login_as, commits):
    page = fixture_data.ours.page
    former, member = make_user("ancienne"), make_user("actuelle", groups=["allier:editor"])
    for user in (former, member):
        Comment.objects.create(page=page, user=user, text="Fil", contentpath="title")
        # As rows that were there before the end of the membership deleted them.
        PageSubscription.objects.create(user=user, page=page, comment_notifications=True)
        UserProfile.get_for_user(user)
    request = login_as("publisher").get(reverse("wagtailadmin_pages:edit", args=[page.pk])).wsgi_request
    instance = DepartmentPageViewSet.edit_view_class()
    instance.page, instance.request = page, request
    comment = Comment.objects.get(user=member)
    changes = {key: [] for key in ("resolved_comments", "deleted_comments", "new_replies")}
    with commits():
        instance.send_commenting_notifications(changes | {"new_comments": [comment]})
    assert [message.to for message in mail.outbox] == [[member.email]]


def test_a_decision_does_not_reach_a_former_member(fixture_data, commits):
    side = fixture_data.ours
    author, approver = make_user("autrice", groups=["allier:editor"]), make_user("avis", groups=["allier:publisher"])
    for requested_by, expected in ((author, [[author.email]]), (make_user("ancienne"), [])):
        mail.outbox.clear()
        state = side.workflow_state
        type(state).objects.filter(pk=state.pk).update(requested_by=requested_by, status=state.STATUS_IN_PROGRESS)
        state = type(state).objects.get(pk=state.pk)
        UserProfile.get_for_user(requested_by)
        with commits():
            next(row[3] for row in NOTIFIERS if "approved" in row[2])(instance=state, user=approver)
        assert [message.to for message in mail.outbox] == expected


def test_a_proposal_does_not_reach_a_publisher_who_left_meanwhile(fixture_data, commits):
    sharing = fixture_data.ours.sharing
    type(sharing).objects.filter(pk=sharing.pk).update(state=sharing.State.PROPOSED)
    staying, leaving = (make_user(name, groups=[f"{sharing.department.slug}:publisher"]) for name in ("reste", "part"))
    with commits():
        assert notify_publishers.call(sharing.pk) >= 2
        leaving.groups.clear()
    recipients = {address for message in mail.outbox for address in message.to}
    assert staying.email in recipients
    assert leaving.email not in recipients


def test_a_revoked_invitation_is_not_sent(fixture_data, commits):
    department = fixture_data.ours.department
    with commits():
        invitation, _link = membership.invite(department, "a@example.org", Group.objects.filter(name="allier:editor"))
        membership.revoke_invitation(invitation, by=None)
    assert not mail.outbox


@pytest.mark.parametrize("change", ["private", "deleted"])
def test_no_proposal_is_sent_for_content_that_left_the_public(change, commits):
    """The mail may wait in the outbox meanwhile."""
    allier, isere = make_department("allier", code="03"), make_department("isere", code="38")
    receiver = make_user("recevante", groups=["isere:administrator"])
    with commits():
        page = make_page(StandardPage, allier, title="Proposition", slug="proposition")
        sharing = invite(page, isere)
    assert may_receive(sharing, receiver.email)
    if change == "private":
        PageViewRestriction.objects.create(page=page, restriction_type="login")
    else:
        page.delete()
    assert not may_receive(sharing, receiver.email)
