"""Tests of single sign-on: who gets in, and what it means for second factors and passwords."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.users.models import SingleSignOnIdentity, User
from cms.users.second_factor import methods
from sites.members import membership
from sites.models import Invitation
from tests.factories.users import PASSWORD, make_user

from .sign_on_steps import EMAIL, HOME, connect, invite, is_logged_in, sign_on

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def test_an_invited_person_with_a_confirmed_address_gets_an_account_and_the_roles_of_the_invitation(
    client, allier, oidc
):
    oidc("sub-new", email=EMAIL.upper(), email_verified=True, given_name="Nadia", family_name="Benali")
    invitation, _link = invite(allier)
    response = sign_on(client, "sub-new")
    assert response.url == reverse("single_sign_on_accept")
    assert "Allier" in client.get(response.url).content.decode()
    assert not User.objects.exists()
    assert client.post(response.url).url == HOME
    user = User.objects.get()
    assert (user.email, user.first_name, user.last_name) == (EMAIL, "Nadia", "Benali")
    assert not user.has_usable_password()
    assert [group.name for group in user.groups.all()] == ["allier:editor"]
    assert is_logged_in(client)
    invitation.refresh_from_db()
    assert invitation.accepted_by == user
    assert sign_on(again := Client(), "sub-new").url == HOME
    assert is_logged_in(again)


def test_the_link_of_an_invitation_chooses_it_among_several(client, allier, isere, oidc):
    oidc("sub-link", email=EMAIL, email_verified=True)
    _invitation, link = invite(allier)
    invite(isere)
    client.get(urlsplit(link).path)
    accept = sign_on(client, "sub-link").url
    assert "Allier" in client.get(accept).content.decode()
    client.post(accept)
    assert [group.name for group in User.objects.get().groups.all()] == ["allier:editor"]
    assert not client.cookies["invitation"].value


@pytest.mark.parametrize("holder", ["unconfirmed", "author of an import", "confirmed"])
def test_an_address_that_was_never_confirmed_does_not_block_an_invited_person(client, allier, isere, oidc, holder):
    oidc("sub-holder", email=EMAIL, email_verified=True)
    other = make_user("squatteur", groups=["isere:reader"])
    other.email, other.email_confirmed_at = EMAIL, timezone.now() if holder == "confirmed" else None
    if holder == "author of an import":
        other.set_unusable_password()
    other.save()
    invite(allier)
    client.post(sign_on(client, "sub-holder").url)
    other.refresh_from_db()
    if holder == "confirmed":
        assert not is_logged_in(client)
        assert [group.name for group in other.groups.all()] == ["isere:reader"]
        return
    assert is_logged_in(client)
    person = User.objects.get(email=EMAIL)
    assert person.email_confirmed_at
    assert person.groups.filter(name="allier:editor").exists()
    assert (person == other) is (holder == "author of an import")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": EMAIL},
        {"email": EMAIL, "email_verified": False},
        {"email": EMAIL, "email_verified": "true"},
        {"email": EMAIL, "email_verified": 1},
        {"email_verified": True},
        {"email": [EMAIL], "email_verified": True},
        {"email": "autre@example.org", "email_verified": True},
    ],
)
def test_without_the_confirmed_address_of_the_invitation_there_is_no_account(client, allier, oidc, claims):
    oidc("sub-unconfirmed", **claims)
    _invitation, link = invite(allier)
    client.get(urlsplit(link).path)
    assert sign_on(client, "sub-unconfirmed").url == reverse("wagtailadmin_login")
    assert client.get(reverse("single_sign_on_accept")).status_code == 404
    assert client.post(reverse("single_sign_on_accept")).status_code == 404
    assert not User.objects.exists()
    assert not is_logged_in(client)


def test_a_provider_that_confirms_every_address_needs_no_claim(client, allier, oidc, settings):
    settings.OIDC = settings.OIDC | {"confirms_addresses": True}
    oidc("sub-proconnect", email=EMAIL, given_name="N", usual_name="B")
    invite(allier)
    client.post(sign_on(client, "sub-proconnect").url)
    assert User.objects.get().last_name == "B"


@pytest.mark.parametrize("state", ["none", "expired", "revoked", "accepted", "other"])
def test_without_an_open_invitation_there_is_no_account(client, allier, oidc, state):
    oidc("sub-uninvited", email=EMAIL, email_verified=True)
    if state != "none":
        invitation, _link = invite(allier, "autre@example.org" if state == "other" else EMAIL)
        field = {"expired": "expires_at", "revoked": "revoked_at", "accepted": "accepted_at"}.get(state, "created_at")
        Invitation.objects.filter(pk=invitation.pk).update(**{field: "2020-01-01T00:00:00Z"})
    assert sign_on(client, "sub-uninvited").url == reverse("wagtailadmin_login")
    assert not User.objects.exists()


def test_the_address_alone_opens_no_account(client, allier, isere, member, oidc):
    """Neither without an invitation, nor with one to the address of somebody who has an account."""
    oidc("sub-address", email=member.email, email_verified=True)
    assert sign_on(client, "sub-address").url == reverse("wagtailadmin_login")
    invite(isere, member.email)
    accept = sign_on(client, "sub-address")
    assert client.post(accept.url).url == reverse("wagtailadmin_login")
    assert not is_logged_in(client)
    assert not SingleSignOnIdentity.objects.exists()
    assert [group.name for group in member.groups.all()] == ["allier:editor"]


def test_an_invitation_that_is_revoked_meanwhile_creates_nothing(client, allier, oidc):
    oidc("sub-late", email=EMAIL, email_verified=True)
    invitation, _link = invite(allier)
    accept = sign_on(client, "sub-late").url
    membership.revoke_invitation(invitation, by=None)
    assert client.post(accept).status_code == 404
    assert not User.objects.exists()


def test_the_owner_of_an_account_connects_it_while_logged_in(client, member, oidc):
    oidc("sub-owner", email=member.email, email_verified=True)
    client.force_login(member)
    assert sign_on(client, "sub-owner", "/admin/account/security/").url == "/admin/account/security/"
    assert SingleSignOnIdentity.objects.get().user == member
    assert sign_on(other := Client(), "sub-owner").url == HOME
    assert is_logged_in(other)


@pytest.mark.parametrize("email", ["autre@example.org", None])
def test_another_address_is_not_connected(client, member, oidc, email):
    oidc("sub-other", email=email or member.email, email_verified=email is not None)
    client.force_login(member)
    assert sign_on(client, "sub-other").url == reverse("account_security")
    assert not SingleSignOnIdentity.objects.exists()


def test_one_identity_opens_one_account(client, member, oidc):
    oidc("sub-first", email=member.email, email_verified=True)
    oidc("sub-second", email=member.email, email_verified=True)
    connect(member, "sub-first")
    client.force_login(member)
    assert sign_on(client, "sub-second").url == reverse("account_security")
    assert SingleSignOnIdentity.objects.get().subject == "sub-first"


def test_a_closed_account_stays_closed(client, member, oidc):
    oidc("sub-closed", email=member.email, email_verified=True)
    connect(member, "sub-closed")
    member.is_active = False
    member.save()
    sign_on(client, "sub-closed")
    assert not is_logged_in(client)


# --- Second factor and passwords ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "counts"),
    [({}, False), ({"amr": ["pwd"]}, False), ({"amr": ["pwd", "mfa"]}, True), ({"acr": "eidas2"}, True),
     ({"acr": "eidas1"}, False), ({"amr": "mfa"}, False),
     ({"amr": ["otp"]}, False), ({"amr": ["hwk"]}, False), ({"amr": ["pwd", "otp"]}, True)],
)  # fmt: skip
def test_a_second_factor_at_the_provider_counts(client, member, allier, oidc, claims, counts):
    allier.requires_second_factor = True
    allier.save()
    oidc("sub-amr", email=member.email, email_verified=True, **claims)
    connect(member, "sub-amr")
    sign_on(client, "sub-amr")
    assert is_logged_in(client) is counts


def test_single_sign_on_does_not_replace_the_second_factor_of_the_account(client, member, oidc):
    oidc("sub-factor", email=member.email, email_verified=True)
    connect(member, "sub-factor")
    methods.add_app(member, "Téléphone", methods.new_secret(), 0)
    sign_on(client, "sub-factor")
    assert client.get(HOME).url.startswith(reverse("account_security_verify"))


def test_a_password_does_not_connect_an_account_that_has_a_second_factor(client, member, oidc):
    oidc("sub-steal", email=member.email, email_verified=True)
    methods.add_app(member, "Téléphone", methods.new_secret(), 0)
    client.post(reverse("wagtailadmin_login"), {"username": "camille", "password": PASSWORD})
    assert sign_on(client, "sub-steal").url == reverse("account_security_verify")
    assert not SingleSignOnIdentity.objects.exists()


def test_where_passwords_are_disabled_a_password_only_connects_the_account(client, member, allier, oidc):
    oidc("sub-required", email=member.email, email_verified=True)
    allier.requires_single_sign_on = True
    allier.save()
    client.post(reverse("wagtailadmin_login"), {"username": "camille", "password": PASSWORD})
    step = client.get(HOME).url
    assert step.startswith(reverse("single_sign_on_required"))
    assert "ProConnect" in client.get(step).content.decode()
    assert client.get(reverse("account_security_app")).url.startswith(reverse("single_sign_on_required"))
    assert sign_on(client, "sub-required").url == HOME
    assert is_logged_in(client)
    client.post(reverse("account_security_leave"))
    client.post(reverse("wagtailadmin_login"), {"username": "camille", "password": PASSWORD})
    assert not is_logged_in(client)


def test_where_passwords_are_disabled_an_invitation_creates_no_password(client, allier, oidc):
    allier.requires_single_sign_on = True
    allier.save()
    _invitation, link = invite(allier)
    client.get(urlsplit(link).path)
    page = client.get(reverse("invitation")).content.decode()
    assert "password1" not in page
    assert reverse("single_sign_on_start") in page
    phrase = "une longue phrase"
    form = {"first_name": "N", "last_name": "M", "username": "", "password1": phrase, "password2": phrase}
    client.post(reverse("invitation"), form)
    assert not User.objects.exists()


def test_a_department_sets_both_requirements_on_its_settings_screen(client, allier, oidc, settings):
    client.force_login(make_user("admin", groups=["allier:administrator"]))
    url = reverse("department_settings", args=[allier.pk])
    form = {"primary_colour": "#1f4e79", "accent_colour": "#8a3b12", "requires_single_sign_on": "on"}
    page = client.get(url).content.decode()
    assert "requires_second_factor" in page
    configured, settings.OIDC = settings.OIDC, {}
    client.post(url, form)
    allier.refresh_from_db()
    assert not allier.requires_single_sign_on
    settings.OIDC = configured
    client.post(url, form | {"requires_second_factor": "on"})
    allier.refresh_from_db()
    assert allier.requires_single_sign_on
    assert allier.requires_second_factor
