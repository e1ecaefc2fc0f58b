"""Tests of single sign-on against oidc-provider-mock, which runs in a process of its own.

The browser is Django's test client; the steps at the provider are requests to it.
"""

import re
import time
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from cms.users.models import SingleSignOnIdentity, User
from cms.users.second_factor import methods
from cms.users.single_sign_on import provider
from sites.admin.screens.audit_report import REASONS
from sites.members import membership
from sites.models import AuditLogEntry, Invitation
from tests.factories.users import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = "/admin/"
EMAIL = "nouvelle@example.org"


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def start(client, target=HOME):
    """Return the URL of the provider to which the product leads."""
    response = client.post(reverse("single_sign_on_start"), {"next": target})
    assert response.status_code == 200, response.url
    return re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', response.content.decode())[1].replace(
        "&amp;", "&"
    )


def authorize(url, **form):
    """Answer the form of the provider; return the path to which it sends the browser."""
    request = Request(url, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})
    try:
        location = build_opener(NoRedirect).open(request, timeout=5).headers["Location"]
    except OSError as redirect:
        location = redirect.headers["Location"]
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}"


def sign_on(client, subject, target=HOME):
    return client.get(authorize(start(client, target), sub=subject))


def connect(user, subject):
    SingleSignOnIdentity.objects.create(user=user, issuer=provider.settings.OIDC["issuer"], subject=subject)


def invite(department, email=EMAIL, role="editor"):
    return membership.invite(department, email, [department.department_groups.get(role=role).group])


def is_logged_in(client):
    return client.get(HOME).status_code == 200


# --- Who gets in --------------------------------------------------------------------------------------------------


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


# --- Protocol -----------------------------------------------------------------------------------------------------


def test_state_nonce_and_proof_key_are_sent_and_checked(client, member, oidc):
    oidc("sub-state", email=member.email, email_verified=True)
    connect(member, "sub-state")
    url = start(client)
    query = parse_qs(urlsplit(url).query)
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["nonce"][0]) >= 20
    path = authorize(url, sub="sub-state")
    assert Client().get(path).url == reverse("wagtailadmin_login")  # the session of somebody else
    forged = path.replace(query["state"][0], "x" * 30)
    assert client.get(forged).url == reverse("wagtailadmin_login")
    assert not is_logged_in(client)


def test_an_answer_is_used_once(client, member, oidc):
    oidc("sub-once", email=member.email, email_verified=True)
    connect(member, "sub-once")
    path = authorize(start(client), sub="sub-once")
    assert client.get(path).url == HOME
    client.post(reverse("account_security_leave"))
    assert client.get(path).url == reverse("wagtailadmin_login")


def test_a_refusal_at_the_provider_logs_nobody_in(client, oidc):
    path = authorize(start(client), action="deny")
    assert client.get(path).url == reverse("wagtailadmin_login")


def test_an_unreachable_provider_is_reported(client, settings, oidc):
    settings.OIDC = settings.OIDC | {"issuer": "http://127.0.0.1:1"}
    assert client.post(reverse("single_sign_on_start")).url == reverse("wagtailadmin_login")


def test_the_issuer_of_the_metadata_must_be_the_configured_one(client, member, oidc, settings):
    oidc("sub-issuer", email=member.email, email_verified=True)
    connect(member, "sub-issuer")
    settings.OIDC = settings.OIDC | {"issuer": settings.OIDC["issuer"] + "/"}
    assert sign_on(client, "sub-issuer").url == reverse("wagtailadmin_login")


def test_without_a_provider_the_urls_do_not_exist(client, member):
    for name in ("single_sign_on_start", "single_sign_on_return", "single_sign_on_accept"):
        assert client.get(reverse(name)).status_code == 404
        assert client.post(reverse(name)).status_code == 404
    assert "sign-on" not in client.get(reverse("wagtailadmin_login")).content.decode()


def ago(seconds):
    return timedelta(seconds=seconds)


def at_present(claims):
    """Return the claims with each duration replaced by the time that is so long ago."""
    now = int(time.time())
    return {name: now - value.seconds if isinstance(value, timedelta) else value for name, value in claims.items()}


SECOND = {"acr_values": ["eidas1"], "max_age": None}


@pytest.mark.parametrize(
    ("demand", "claims", "reason"),
    [
        ({"max_age": 3600}, {"auth_time": ago(60)}, ""),
        ({"max_age": 3600}, {"auth_time": ago(7200)}, "authentication_too_old"),
        ({"max_age": 3600}, {"auth_time": None}, "authentication_too_old"),
        ({"max_age": 3600}, {"auth_time": 1}, "authentication_too_old"),
        ({"max_age": 3600}, {"auth_time": "1"}, "not_verified"),
        (SECOND, {"acr": "eidas1"}, ""),
        (SECOND, {"acr": "eidas2"}, ""),
        (SECOND, {"acr": "eidas0"}, "wrong_context"),
        (SECOND, {}, "wrong_context"),
        (SECOND, {"acr": ["eidas1"]}, "not_verified"),
    ],
)
def test_what_was_asked_of_the_provider_is_verified(client, member, oidc, settings, demand, claims, reason):
    settings.OIDC = settings.OIDC | demand
    oidc("sub-asked", email=member.email, email_verified=True, **at_present(claims))
    connect(member, "sub-asked")
    query = parse_qs(urlsplit(start(client)).query)
    assert query.get("max_age", [None])[0] == (str(demand["max_age"]) if demand["max_age"] else None)
    sign_on(client, "sub-asked")
    assert is_logged_in(client) is not bool(reason)
    refusals = AuditLogEntry.objects.filter(action="login_failed")
    assert [entry.details for entry in refusals] == ([{"method": "single_sign_on", "reason": reason}] if reason else [])


@pytest.mark.parametrize("auth_time", [None, ago(600)])
def test_who_is_logged_in_must_log_in_again_at_the_provider(client, member, oidc, auth_time):
    """A stolen session, or an open one at the provider, connects no identity to the account."""
    oidc("sub-again", email=member.email, email_verified=True, **at_present({"auth_time": auth_time}))
    client.force_login(member)
    query = parse_qs(urlsplit(start(client)).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])
    assert sign_on(client, "sub-again").url == reverse("account_security")
    assert not SingleSignOnIdentity.objects.exists()
    first, second = authorize(start(client), sub="sub-again"), authorize(start(client), sub="sub-again")
    for answer in (first, second):
        client.get(answer)
    assert not SingleSignOnIdentity.objects.exists()


def test_an_answer_to_a_question_without_a_login_connects_nothing(client, member, oidc):
    oidc("sub-before", email=member.email, email_verified=True)
    answer = authorize(start(client), sub="sub-before")
    client.post(reverse("wagtailadmin_login"), {"username": "camille", "password": PASSWORD})
    assert client.get(answer).url == reverse("account_security")
    assert not SingleSignOnIdentity.objects.exists()


def refuse_provider(client, settings, **_):
    settings.OIDC = settings.OIDC | {"issuer": "http://127.0.0.1:1"}
    client.post(reverse("single_sign_on_start"))


def refuse_at_provider(client, **_):
    client.get(authorize(start(client), action="deny"))


def refuse_stranger(client, oidc, **_):
    oidc("sub-stranger", email=EMAIL, email_verified=True)
    sign_on(client, "sub-stranger")


def refuse_connection(client, oidc, member, **_):
    oidc("sub-other", email=EMAIL, email_verified=True)
    client.force_login(member)
    sign_on(client, "sub-other")


def refuse_acceptance(client, oidc, member, isere, **_):
    oidc("sub-exists", email=member.email, email_verified=True)
    invite(isere, member.email)
    client.post(sign_on(client, "sub-exists").url)


@pytest.mark.parametrize(
    ("refuse", "reason"),
    [
        (refuse_provider, "provider_unavailable"),
        (refuse_at_provider, "not_verified"),
        (refuse_stranger, "no_invitation"),
        (refuse_connection, "other_address"),
        (refuse_acceptance, "account_exists"),
    ],
)
def test_every_refusal_is_recorded(client, member, isere, oidc, settings, refuse, reason):
    refuse(client=client, member=member, isere=isere, oidc=oidc, settings=settings)
    entry = AuditLogEntry.objects.get(action="login_failed")
    assert entry.details == {"method": "single_sign_on", "reason": reason}
    assert entry.subject == (member if reason == "other_address" else None)
    assert reason in REASONS


def test_a_login_is_recorded_with_its_method(client, member, oidc):
    oidc("sub-method", email=member.email, email_verified=True)
    connect(member, "sub-method")
    sign_on(client, "sub-method")
    assert AuditLogEntry.objects.get(action="login").details == {"method": "single_sign_on"}


def test_get_does_not_start_a_login(client, oidc):
    assert client.get(reverse("single_sign_on_start")).status_code == 405
    assert "ProConnect" in client.get(reverse("wagtailadmin_login")).content.decode()


@pytest.mark.parametrize("change", [{}, {"iss": "https://evil.example"}, {"aud": "other"}, {"sub": "other"}, "key"])
def test_a_signed_userinfo_is_verified(oidc, settings, change):
    """ProConnect answers with a JWT."""
    key, other = RSAKey.generate_key(2048, auto_kid=True), RSAKey.generate_key(2048, auto_kid=True)
    payload = {"iss": settings.OIDC["issuer"], "aud": "cms", "sub": "s", "email": EMAIL, "exp": int(time.time()) + 60}
    payload |= change if isinstance(change, dict) else {}
    token = jwt.encode({"alg": "RS256"}, payload, other if change == "key" else key)
    response = SimpleNamespace(headers={"Content-Type": "application/jwt"}, text=token, raise_for_status=lambda: None)
    client = SimpleNamespace(fetch_jwk_set=lambda force: KeySet([key]).as_dict())
    if change:
        with pytest.raises((provider.JoseError, provider.SignOnFailed, ValueError)):
            provider._merge_userinfo(client, response, {"sub": "s"})
    else:
        assert provider._merge_userinfo(client, response, {"sub": "s"})["email"] == EMAIL


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
