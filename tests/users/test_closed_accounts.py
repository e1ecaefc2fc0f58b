"""Tests of closed accounts: their address stays free for other departments, and nothing shows that they exist."""

from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from cms.users.email_change import address_changes
from cms.users.models import AuthenticatorApp, SingleSignOnIdentity, User
from cms.users.second_factor import methods
from sites.members import membership
from sites.members.addresses import create_placeholder
from sites.members.forms import InviteForm
from sites.models import AuditLogEntry
from tests.factories.users import make_user

from .sign_on_steps import connect, invite, is_logged_in, sign_on
from .test_addresses import ACCOUNT, SECRETS

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = "/admin/"


@pytest.fixture
def closed(member, allier):
    """An account that its department has closed, with a second factor."""
    make_user("chef", groups=["allier:administrator"])
    methods.add_app(member, "Téléphone", methods.new_secret(), 0)
    membership.remove_member(allier, member, by=None, close_account=True)
    member.refresh_from_db()
    assert not member.is_active
    return member


def accept(client, link):
    client.get(urlsplit(link).path)
    return client.post(reverse("invitation"), ACCOUNT)


def test_an_invitation_opens_a_closed_account_for_its_department_only(client, closed, allier, isere):
    # A superuser may close an account that keeps its roles.
    closed.groups.add(allier.department_groups.get(role="administrator").group)
    _invitation, link = invite(isere, closed.email)
    assert accept(client, link).url == HOME
    account = User.objects.get(email=closed.email)
    assert account.pk == closed.pk
    assert account.is_active
    assert account.check_password(ACCOUNT["password1"])
    assert [group.name for group in account.groups.all()] == ["isere:editor"]
    assert not AuthenticatorApp.objects.exists()
    assert account.second_factor_key == ""
    assert client.get(HOME).status_code == 200
    opened = AuditLogEntry.objects.filter(action__in=("account_opened", "password_changed"), department=allier)
    assert not opened.exists()


def test_a_department_invites_again_whom_it_has_closed(client, closed, allier):
    closed.groups.add(allier.department_groups.get(role="administrator").group)
    form = InviteForm({"email": closed.email, "groups": [closed.groups.get().pk]}, department=allier)
    assert form.is_valid(), form.errors
    _invitation, link = invite(allier, closed.email)
    assert accept(client, link).url == HOME
    closed.refresh_from_db()
    assert [group.name for group in closed.groups.all()] == ["allier:editor"]


def test_nothing_shows_that_a_closed_account_exists(closed, isere):
    seen = []
    for email in (closed.email, "inconnue@example.org"):
        visitor = Client()
        _invitation, link = invite(isere, email)
        visitor.get(urlsplit(link).path)
        form = visitor.get(reverse("invitation"))
        wrong = visitor.post(reverse("invitation"), ACCOUNT | {"password2": "autre"})
        accepted = visitor.post(reverse("invitation"), ACCOUNT)
        pages = [SECRETS.sub("", page.content.decode()).replace(email, "X") for page in (form, wrong)]
        answers = [answer.status_code for answer in (form, wrong, accepted)]
        recorded = AuditLogEntry.objects.filter(department=isere).order_by("pk").values_list("action", "details")
        log = [(action, sorted(set(details) - {"invitation"})) for action, details in recorded]
        seen.append((pages, answers, log))
        AuditLogEntry.objects.filter(department=isere)
    first, second = seen
    assert first[:2] == second[:2]
    assert second[2] == first[2] + first[2][-(len(second[2]) - len(first[2])) :]


def test_the_log_of_the_former_department_names_neither_the_client_nor_an_administrator(client, closed, allier, isere):
    closed.groups.add(allier.department_groups.get(role="administrator").group)
    before = set(AuditLogEntry.objects.values_list("pk", flat=True))
    _invitation, link = invite(isere, closed.email)
    assert accept(client, link).url == HOME
    entries = AuditLogEntry.objects.filter(department=allier).exclude(pk__in=before)
    assert entries.filter(action="roles_removed").exists()
    assert set(entries.values_list("address", "account_id")) == {(None, None)}


def test_an_old_session_and_an_old_link_stay_closed(client, member, closed, isere):
    old = Client()
    old.force_login(closed)
    _invitation, link = invite(isere, closed.email)
    accept(client, link)
    assert old.get(HOME).url.startswith(reverse("wagtailadmin_login"))


@pytest.mark.parametrize("kind", ["imported", "never confirmed"])
def test_no_closed_account_blocks_an_invitation_of_another_department(client, isere, kind):
    """The author of imported content, and an account whose address nobody has confirmed."""
    email = "partie@example.org"
    if kind == "imported":
        closed = create_placeholder(email, "Camille", "Bernard", is_active=False)
    else:
        closed = make_user("partie")
        closed.is_active, closed.email_confirmed_at = False, None
        closed.save()
    assert (closed.is_active, closed.email_confirmed_at) == (False, None)
    _invitation, link = invite(isere, email)
    assert accept(client, link).url == HOME
    account = User.objects.get(email=email)
    assert (account.pk == closed.pk) is (kind == "imported")
    assert [group.name for group in account.groups.all()] == ["isere:editor"]
    closed.refresh_from_db()
    assert closed.is_active is (kind == "imported")


def test_an_invitation_that_is_revoked_meanwhile_opens_nothing(client, closed, isere, monkeypatch):
    invitation, link = invite(isere, closed.email)
    client.get(urlsplit(link).path)
    real = membership.accept_invitation

    def revoke_first(found, user):
        membership.revoke_invitation(invitation, by=None)
        real(found, user)

    monkeypatch.setattr(membership, "accept_invitation", revoke_first)
    assert client.post(reverse("invitation"), ACCOUNT).status_code == 404
    closed.refresh_from_db()
    assert not closed.is_active


@pytest.mark.parametrize("address", ["the same", "another"])
def test_a_person_of_the_provider_whose_account_is_closed_accepts_an_invitation(client, closed, isere, oidc, address):
    email = closed.email if address == "the same" else "nouvelle@example.org"
    oidc("sub-closed", email=email, email_verified=True, given_name="N", family_name="B")
    connect(closed, "sub-closed")
    assert sign_on(client, "sub-closed").url == reverse("wagtailadmin_login")
    refused = AuditLogEntry.objects.filter(action="login_failed").latest("pk")
    assert (refused.subject, refused.details["reason"]) == (closed, "account_closed")
    invite(isere, email)
    assert client.post(sign_on(client, "sub-closed").url).url == HOME
    assert is_logged_in(client)
    account = User.objects.get(email=email)
    assert (account.pk == closed.pk) is (address == "the same")
    assert not account.has_usable_password()
    assert SingleSignOnIdentity.objects.get().user == account
    assert [group.name for group in account.groups.all()] == ["isere:editor"]


def test_another_account_may_take_the_address_of_a_closed_one(client, closed, isere, commits):
    person, address = make_user("autre", groups=["isere:editor"]), closed.email
    with commits():
        address_changes.request_change(person, address)
    assert any("/account/email/" in message.body for message in mail.outbox)
    assert address_changes.confirm_change(person, address)
    closed.refresh_from_db()
    assert (closed.email.endswith(".invalid"), closed.is_active) == (True, False)


def test_a_member_of_another_department_is_not_closed(member, allier, isere):
    make_user("chef", groups=["allier:administrator"])
    invitation, _link = invite(isere, member.email)
    membership.accept_invitation(invitation, member)
    membership.remove_member(allier, User.objects.get(pk=member.pk), by=None, close_account=True)
    member.refresh_from_db()
    assert member.is_active


def test_a_closed_administrator_of_the_instance_is_not_opened(client, closed, isere):
    User.objects.filter(pk=closed.pk).update(is_superuser=True)
    _invitation, link = invite(isere, closed.email)
    assert accept(client, link).context["form"].errors
    closed.refresh_from_db()
    assert not closed.is_active
