"""Tests of invitations: what the link does, for whom, and what it must not reveal or change."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.users.models import UserProfile

from cms.users.models import User
from sites.access.current_department import current_department
from sites.members import membership
from sites.models import AuditLogEntry, Department, Invitation
from sites.models.invitation import hash_token
from tests.factories.pages import home_of
from tests.factories.users import PASSWORD, make_user

from .people import keys, names_of, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

EMAIL = "camille@example.org"
ACCOUNT = {
    "first_name": "Camille",
    "last_name": "Martin",
    "password1": "une longue phrase secrete",
    "password2": "une longue phrase secrete",
}


def invited(commits, client, *roles, email=EMAIL):
    """Invite somebody through the screen; return the path of the link in the e-mail."""
    with commits():
        response = client.post(url_of("invite"), {"email": email, "groups": keys(*(roles or ["allier:editor"]))})
    assert response.status_code == 302, response.context["form"].errors
    return re.search(r"http://[^/]+(/admin/invitation/\S+/)", mail.outbox[-1].body)[1]


def test_an_invitation_is_mailed_in_the_departments_language_and_its_token_kept_nowhere(
    client, administrator, commits, allier
):
    link = invited(commits, client, "allier:editor", "allier:translator:en")
    message, invitation = mail.outbox[0], Invitation.objects.get()
    token = link.split("/")[-2]
    assert message.to == [EMAIL]
    assert "Allier" in message.subject
    assert len(token) >= 43
    assert invitation.token_hash == hash_token(token)
    assert invitation.sent_at
    assert {each.name for each in invitation.groups.all()} == {"allier:editor", "allier:translator:en"}
    assert EMAIL in client.get(url_of("members")).content.decode()


@pytest.mark.parametrize(
    ("roles", "language"),
    [
        (["allier:translator:en"], "en"),
        (["allier:translator:en", "allier:reviewer:en"], "en"),
        (["allier:editor", "allier:translator:en"], "fr"),
        (["allier:editor"], "fr"),
    ],
)
def test_partners_of_one_language_are_invited_and_work_in_it(client, administrator, commits, roles, language):
    link = invited(commits, client, *roles)
    assert ("invites you" in mail.outbox[0].subject) is (language == "en")
    visitor = Client()
    page = visitor.get(link, follow=True)
    assert f'<html lang="{language}"' in page.content.decode()
    assert visitor.post(reverse("invitation"), ACCOUNT).status_code == 302
    profile = UserProfile.objects.get(user__email=EMAIL)
    assert profile.preferred_language == language


def test_a_failing_mail_server_is_shown_in_the_list(client, administrator, commits, settings):
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with commits():
        response = client.post(url_of("invite"), {"email": EMAIL, "groups": keys("allier:editor")})
    assert response.status_code == 302
    assert Invitation.objects.get().sent_at is None


def test_a_new_person_makes_an_account_and_has_the_roles_and_nothing_else(client, administrator, commits):
    link = invited(commits, client, "allier:editor", "allier:translator:en")
    visitor = Client()
    opened = visitor.get(link)
    assert opened.url == reverse("invitation")
    assert opened.headers["Referrer-Policy"] == "same-origin"
    page = visitor.get(opened.url)
    assert page.status_code == 200
    assert link.split("/")[-2] not in page.content.decode()
    wider = {"is_superuser": "on", "is_staff": "on", "email": "autre@example.org", "groups": keys("allier:publisher")}
    assert visitor.post(opened.url, ACCOUNT | wider).url == reverse("wagtailadmin_home")

    person = User.objects.get(email=EMAIL)
    assert (person.username, person.first_name) == (EMAIL, "Camille")
    assert not person.is_superuser
    assert not person.is_staff
    assert names_of(person) == {"allier:editor", "allier:translator:en"}
    assert visitor.get(reverse("wagtailadmin_home")).status_code == 200
    assert Client().login(username=EMAIL, password=ACCOUNT["password1"])
    # The link has been used.
    assert Client().get(link, follow=True).status_code == 404


@pytest.mark.parametrize(("changed", "field"), [
    ({"password2": "autre chose de long"}, "password2"),
    ({"password1": "court", "password2": "court"}, "password2"),
    ({"password1": EMAIL, "password2": EMAIL}, "password2"),
    ({"first_name": ""}, "first_name"),
])  # fmt: skip
def test_invalid_account_data_is_refused(client, administrator, commits, changed, field):
    visitor = Client()
    visitor.get(invited(commits, client))
    response = visitor.post(reverse("invitation"), ACCOUNT | changed)
    assert field in response.context["form"].errors
    assert not User.objects.filter(email=EMAIL).exists()
    assert Invitation.objects.open().exists()


def test_existing_account_gets_roles_only_after_login(client, administrator, commits, isere):
    person = make_user("camille", groups=["isere:publisher"])
    before = User.objects.filter(pk=person.pk).values().get()
    fresh = Client()
    fresh.get(invited(commits, client, email="nobody@example.org"))
    unknown = fresh.get(reverse("invitation")).content.decode().replace("nobody@", "X@")
    visitor = Client()
    visitor.get(invited(commits, client))
    known = visitor.get(reverse("invitation")).content.decode().replace("camille@", "X@")
    without_secrets = re.compile(r"csrfmiddlewaretoken.*?>|nonce=\S+|\"csrfToken\".*|CSRF\S*.*")
    assert without_secrets.sub("", known) == without_secrets.sub("", unknown)
    # An invitation to an address does not give access to its account.
    assert visitor.post(reverse("invitation"), ACCOUNT).context["form"].errors
    assert User.objects.filter(pk=person.pk).values().get() == before
    assert names_of(person) == {"isere:publisher"}

    login = visitor.get(reverse("invitation")).context["login_url"]
    response = visitor.post(login, {"username": "camille", "password": PASSWORD, "next": reverse("invitation")})
    assert response.url == reverse("invitation")
    assert visitor.post(response.url).url == reverse("wagtailadmin_home")
    assert names_of(person) == {"isere:publisher", "allier:editor"}


def test_accepting_an_invitation_selects_its_department(client, administrator, commits, isere):
    visitor, user = Client(), make_user("camille", groups=["isere:editor"])
    home_of(isere).specific.save_revision(user=user, log_action=True)
    visitor.force_login(user)
    visitor.get(invited(commits, client))
    response = visitor.post(reverse("invitation"), follow=True)
    assert user.groups.count() == 2
    assert current_department(response.wsgi_request) == Department.objects.get(slug="allier")


def test_another_account_cannot_accept_the_invitation(client, administrator, commits, isere):
    other = make_user("autre", groups=["isere:editor"])
    superuser = make_user("superviseur", is_superuser=True)
    link = invited(commits, client)
    for user in (other, superuser):
        visitor = Client()
        visitor.force_login(user)
        visitor.get(link)
        assert visitor.get(reverse("invitation")).status_code == 200
        assert visitor.post(reverse("invitation"), ACCOUNT).status_code == 200
    assert names_of(other) == {"isere:editor"}
    assert not superuser.groups.exists()
    assert Invitation.objects.open().exists()
    department = Invitation.objects.get().department
    own = Invitation.objects.create(department=department, email=superuser.email, token_hash="x")
    with pytest.raises(membership.PermissionDenied):
        membership.accept_invitation(own, superuser)


def test_invalid_revoked_expired_or_replaced_link_shows_a_plain_page(client, administrator, commits):
    def is_closed(link):
        visitor = Client()
        page = visitor.get(link, follow=True)
        posted = visitor.post(reverse("invitation"), ACCOUNT)
        return (page.status_code, posted.status_code, User.objects.filter(email=EMAIL).exists()) == (404, 404, False)

    assert is_closed(reverse("invitation"))
    assert is_closed(reverse("invitation_link", args=["x"]))
    assert is_closed(reverse("invitation_link", args=["é" * 300]))
    link = invited(commits, client)
    replaced, link = link, invited(commits, client)
    assert is_closed(replaced)
    assert Invitation.objects.pending().count() == 1
    with commits():
        client.post(url_of("resend", Invitation.objects.pending().get().pk))
    assert is_closed(link)
    link = re.search(r"(/admin/invitation/\S+/)", mail.outbox[-1].body)[1]
    Invitation.objects.pending().update(expires_at=timezone.now() - timedelta(seconds=1))
    assert is_closed(link)
    link = invited(commits, client)
    client.post(url_of("revoke", Invitation.objects.pending().get().pk))
    assert is_closed(link)
    assert len(mail.outbox) == 4


def test_invitation_of_another_department_answers_404(client, administrator, isere):
    theirs, _link = membership.invite(isere, EMAIL, Group.objects.filter(name="isere:editor"))
    for name in ("resend", "revoke"):
        assert client.post(url_of(name, theirs.pk)).status_code == 404
        assert client.post(url_of(name, theirs.pk, department="isere")).status_code == 404
        assert client.get(url_of(name, theirs.pk)).status_code == 404
    assert Invitation.objects.open().get() == theirs
    assert EMAIL not in client.get(url_of("members")).content.decode()


def test_invitation_form_reveals_nothing_of_another_department(client, administrator, isere, commits):
    make_user("ailleurs", groups=["isere:editor"])
    make_user("ici", groups=["allier:reader"])
    invited(commits, client, email="AILLEURS@example.org")
    assert Invitation.objects.get().email == "ailleurs@example.org"
    response = client.post(url_of("invite"), {"email": "ici@example.org", "groups": keys("allier:editor")})
    assert "email" in response.context["form"].errors


def test_accepting_requires_a_csrf_token(client, administrator, commits):
    visitor = Client(enforce_csrf_checks=True)
    visitor.get(invited(commits, client))
    assert visitor.post(reverse("invitation"), ACCOUNT).status_code == 403


def _remove(user, allier):
    make_user("autre", groups=["allier:administrator"])
    membership.remove_member(allier, user, by=None)


def _demote(user, allier):
    make_user("autre", groups=["allier:administrator"])
    membership.change_roles(allier, user, Group.objects.filter(name="allier:editor"), by=None)


def _clear_groups(user, allier):
    user.groups.clear()


def _remove_from_group(user, allier):
    Group.objects.get(name="allier:administrator").user_set.remove(user)


def _close(user, allier):
    user.is_active = False
    user.save()


def _delete(user, allier):
    user.delete()


@pytest.mark.parametrize("end", [_remove, _demote, _clear_groups, _remove_from_group, _close, _delete])
def test_who_may_no_longer_invite_leaves_no_open_invitation(client, allier, isere, end):
    """Of the department where the right has ended; those of other people and other departments stay open."""
    person = make_user("partante", groups=["allier:administrator", "isere:administrator"])
    colleague = make_user("collegue", groups=["allier:administrator"])
    editors = Group.objects.filter(name="allier:editor")
    invitation, link = membership.invite(allier, EMAIL, editors, by=person)
    by_colleague, _link = membership.invite(allier, "b@example.org", editors, by=colleague)
    elsewhere, _link = membership.invite(isere, EMAIL, Group.objects.filter(name="isere:editor"), by=person)
    end(person, allier)
    kept = {by_colleague} if end in (_clear_groups, _close, _delete) else {by_colleague, elsewhere}
    assert set(Invitation.objects.open()) == kept
    client.get(re.search(r"/admin/\S+", link)[0])
    assert client.post(reverse("invitation"), ACCOUNT).status_code == 404
    revoked = AuditLogEntry.objects.filter(action="invitation_revoked", department=allier)
    assert [entry.details["invitation"] for entry in revoked] == [invitation.pk]


def test_another_role_beside_that_of_administrator_ends_no_invitation(allier):
    person = make_user("chef", groups=["allier:administrator", "allier:editor"])
    invitation, _link = membership.invite(allier, EMAIL, Group.objects.filter(name="allier:editor"), by=person)
    membership.change_roles(allier, person, Group.objects.filter(name="allier:administrator"), by=None)
    assert list(Invitation.objects.open()) == [invitation]


def test_a_former_administrator_of_the_instance_leaves_no_open_invitation(allier):
    person = make_user("racine", is_superuser=True)
    membership.invite(allier, EMAIL, Group.objects.filter(name="allier:editor"), by=person)
    person.is_superuser = False
    person.save()
    assert not Invitation.objects.open().exists()
