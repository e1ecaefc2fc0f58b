"""Tests of single sign-on: what is asked of the provider, verified in its answer, refused and recorded."""

import time
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from cms.users.models import SingleSignOnIdentity
from cms.users.single_sign_on import provider
from sites.admin.screens.audit_report import REASONS
from sites.models import AuditLogEntry
from tests.factories.users import PASSWORD

from .sign_on_steps import EMAIL, HOME, authorize, connect, invite, is_logged_in, sign_on, start

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


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
def test_the_requested_acr_values_and_login_time_are_verified(client, member, oidc, settings, demand, claims, reason):
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
