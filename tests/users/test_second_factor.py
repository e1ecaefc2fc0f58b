"""Tests of second factors: a session without one reaches nothing, whatever the URL."""

import re
import time

import pyotp
import pytest
from django.contrib.auth.signals import user_login_failed
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cms.encryption import decrypt
from cms.users.middleware import OF_STEPS, WITHOUT_LOGIN
from cms.users.models import AuthenticatorApp, RecoveryCode, User
from cms.users.second_factor import methods
from cms.users.session_state import CONFIRMED_AT
from sites.members import membership
from tests.factories.users import PASSWORD, make_user
from tests.isolation.arguments import Nothing, arguments_for
from tests.isolation.endpoints import endpoints
from tests.rate_limit_counts import forget_counts

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = "/admin/"


def log_in(client, user, target=HOME):
    return client.post(reverse("wagtailadmin_login"), {"username": user.username, "password": PASSWORD, "next": target})


def enrol(user):
    """Give the account an app and recovery codes; return the secret and the codes."""
    secret = methods.new_secret()
    return secret, methods.add_app(user, "Téléphone", secret, 0)


def code_of(secret, step=0):
    return pyotp.TOTP(secret).at(time.time() + 30 * step)


def verify(client, code, target=HOME):
    return client.post(reverse("account_security_verify"), {"code": code, "next": target})


# --- Login ----------------------------------------------------------------------------------------------------


def test_the_login_asks_for_the_second_factor_and_then_leads_on(client, member):
    secret, _codes = enrol(member)
    target = reverse("wagtailadmin_account")
    assert log_in(client, member, target).url == target
    step = client.get(target)
    assert step.url == f"{reverse('account_security_verify')}?next={target.replace('/', '%2F')}"
    assert "Code" in client.get(step.url).content.decode()
    assert verify(client, code_of(secret), target).url == target
    assert client.get(target).status_code == 200


def test_the_second_step_names_the_person_and_not_the_department(client, member):
    member.first_name, member.last_name = "Camille", "Zqname"
    member.save()
    enrol(member)
    log_in(client, member)
    page = client.get(reverse("account_security_verify")).content.decode()
    assert "Camille Zqname" in page
    assert "Allier" not in page


@pytest.mark.parametrize("state", ["second factor", "enrolment", "single sign-on"])
def test_a_session_that_lacks_a_step_is_anonymous_at_every_url(client, member, allier, state, settings):
    """Generated from the URL configuration: a new URL is covered."""
    if state == "second factor":
        enrol(member)
    else:
        field = "requires_second_factor" if state == "enrolment" else "requires_single_sign_on"
        setattr(allier, field, True)
        allier.save()
    client.force_login(member)
    anonymous, differing, count = Client(), {}, 0
    client.raise_request_exception = anonymous.raise_request_exception = False
    step = reverse(
        {
            "second factor": "account_security_verify",
            "enrolment": "account_security",
            "single sign-on": "single_sign_on_required",
        }[state]
    )
    for endpoint in endpoints():
        if not endpoint.is_named or endpoint.name in OF_STEPS | WITHOUT_LOGIN:
            continue
        try:
            url = reverse(endpoint.name, kwargs=arguments_for(endpoint, Nothing(), Nothing()))
        except Exception:  # noqa: S112 (the matrix reports URLs without values; here they are of the reader)
            continue
        count += 1
        response, plain = client.get(url), anonymous.get(url)
        expected = (302, step) if endpoint.surface in ("admin", "preview") else (plain.status_code, None)
        got = (response.status_code, response.get("Location", "").split("?")[0] if expected[1] else None)
        if got != expected and not (response.status_code == plain.status_code and "jsi18n" in url):
            differing[endpoint.name] = (got, expected)
    assert differing == {}
    assert count > 200


def test_an_account_without_a_factor_logs_in_as_before(client, member):
    assert log_in(client, member).url == HOME
    assert client.get(HOME).status_code == 200


def test_a_session_from_before_the_enrolment_ends(client, member):
    other = Client()
    log_in(other, member)
    enrol(User.objects.get(pk=member.pk))
    assert other.get(HOME).url.startswith(reverse("wagtailadmin_login"))
    log_in(other, member)
    assert other.get(HOME).url.startswith(reverse("account_security_verify"))


def test_a_code_is_accepted_once(client, member):
    secret, codes = enrol(member)
    for code in (code_of(secret), codes[0], codes[1].upper().replace("-", " ")):
        log_in(first := Client(), member)
        assert verify(first, code).status_code == 302
        log_in(second := Client(), member)
        assert verify(second, code).status_code == 200
        assert second.get(HOME).status_code == 302


@pytest.mark.parametrize("code", ["", "000000", "x" * 60, "١٢٣٤٥٦", "0" * 5000])
def test_a_wrong_code_opens_nothing_and_is_reported_without_the_code(client, member, code):
    failures = []

    def receive(sender, credentials, **kwargs):
        failures.append(credentials)

    enrol(member)
    log_in(client, member)
    user_login_failed.connect(receive)
    try:
        assert verify(client, code).status_code == 200
    finally:
        user_login_failed.disconnect(receive)
    assert client.get(HOME).status_code == 302
    assert failures == [{"username": "camille", "second_factor": "********"}]


def test_attempts_are_limited_per_account_and_a_new_password_login_does_not_reset_them(client, member, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"second_factor.account": "3/minute"}
    forget_counts()
    secret, _codes = enrol(member)
    for _attempt in range(3):
        log_in(client := Client(), member)
        assert verify(client, "000000").status_code == 200
    log_in(client := Client(), member)
    assert verify(client, code_of(secret)).status_code == 429
    forget_counts()


def test_the_next_address_stays_on_this_host(client, member):
    secret, _codes = enrol(member)
    log_in(client, member)
    assert verify(client, code_of(secret), "https://evil.example/").url == HOME


def test_a_password_reset_does_not_replace_the_second_factor(client, member, commits):
    enrol(member)
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), {"email": member.email})
    link = re.search(r"http://[^/]+(/admin/password_reset/confirm/\S+/)", mail.outbox[-1].body)[1]
    form = client.get(link, follow=True)
    new = {"new_password1": "une autre longue phrase", "new_password2": "une autre longue phrase"}
    client.post(form.redirect_chain[-1][0], new)
    member.refresh_from_db()
    assert member.check_password("une autre longue phrase")
    client.post(reverse("wagtailadmin_login"), {"username": "camille", "password": "une autre longue phrase"})
    assert client.get(HOME).url.startswith(reverse("account_security_verify"))


def test_logging_out_is_possible_before_the_second_factor(client, member):
    enrol(member)
    log_in(client, member)
    assert client.post(reverse("account_security_leave")).url == reverse("wagtailadmin_login")
    assert client.get(reverse("account_security_verify")).url.startswith(reverse("wagtailadmin_login"))


# --- Enrolment ------------------------------------------------------------------------------------------------


def add_app(client, name="Téléphone", code=None):
    page = client.get(reverse("account_security_app"))
    assert page.status_code == 200, page.url
    token = re.search(r'name="secret" value="([^"]+)"', page.content.decode())[1]
    secret = "".join(re.search(r"data-secret>([^<]+)<", page.content.decode())[1].split())
    form = {"name": name, "code": code or code_of(secret), "secret": token}
    return client.post(reverse("account_security_app"), form), secret


@pytest.mark.parametrize("by", ["department", "instance"])
def test_a_member_without_a_factor_is_led_to_enrolment_and_then_on(client, member, allier, settings, by):
    if by == "department":
        allier.requires_second_factor = True
        allier.save()
    else:
        settings.SECOND_FACTOR_REQUIRED = "everyone"
    log_in(client, member)
    assert client.get(HOME).url.startswith(reverse("account_security"))
    response, _secret = add_app(client)
    codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", response.content.decode())
    assert len(set(codes)) == methods.NUMBER_OF_RECOVERY_CODES
    assert all(len(code.replace("-", "")) == 24 for code in codes)
    assert client.get(HOME).status_code == 200


def test_only_members_of_the_department_and_named_accounts_are_asked(client, member, allier, isere, settings):
    isere.requires_second_factor = True
    isere.save()
    log_in(client, member)
    assert client.get(HOME).status_code == 200
    root = make_user("racine", is_superuser=True)
    client.force_login(root)
    assert client.get(HOME).status_code == 200
    settings.SECOND_FACTOR_REQUIRED = "administrators"
    assert client.get(HOME).status_code == 302
    client.force_login(member)
    assert client.get(HOME).status_code == 200


def test_a_new_account_of_a_requiring_department_is_led_to_enrolment(client, allier):
    allier.requires_second_factor = True
    allier.save()
    group = allier.department_groups.get(role="editor").group
    _invitation, link = membership.invite(allier, "nouvelle@example.org", [group])
    client.get(link.split("8000")[-1])
    form = {
        "first_name": "N",
        "last_name": "M",
        "username": "",
        "password1": "une longue phrase",
        "password2": "une longue phrase",
    }
    assert client.post(reverse("invitation"), form).status_code == 302
    assert client.get(HOME).url.startswith(reverse("account_security"))


def test_a_secret_is_stored_encrypted_and_a_recovery_code_as_a_hash(member):
    secret, codes = enrol(member)
    app = AuthenticatorApp.objects.get()
    assert secret not in app.encrypted_secret
    assert decrypt(app.encrypted_secret, methods.PURPOSE_OF_SECRET) == secret
    stored = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert len(stored) == methods.NUMBER_OF_RECOVERY_CODES
    assert stored.isdisjoint(codes)


def test_a_secret_outlives_a_change_of_the_secret_key(member, settings):
    secret, _codes = enrol(member)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 60
    assert methods.use_code(member, code_of(secret))


def test_a_wrong_code_or_a_foreign_secret_enrols_nothing(client, member):
    log_in(client, member)
    response, _secret = add_app(client, code="000000")
    assert response.status_code == 200
    stranger = make_user("autre")
    other = Client()
    other.force_login(stranger)
    page = client.get(reverse("account_security_app")).content.decode()
    token = re.search(r'name="secret" value="([^"]+)"', page)[1]
    secret = "".join(re.search(r"data-secret>([^<]+)<", page)[1].split())
    other.post(reverse("account_security_app"), {"name": "x", "code": code_of(secret), "secret": token})
    assert not AuthenticatorApp.objects.exists()


@pytest.mark.parametrize(
    "name", [name for name in sorted(OF_STEPS) if name.startswith("account_security") and name not in (
        "account_security", "account_security_confirm", "account_security_leave", "account_security_verify",
        "account_security_challenge",
    )]
)  # fmt: skip
def test_a_change_needs_a_recent_proof_of_identity(client, member, name):
    log_in(client, member)
    session = client.session
    session[CONFIRMED_AT] = time.time() - 3600
    session.save()
    assert client.post(reverse(name)).url.startswith(reverse("account_security_confirm"))
    wrong = client.post(reverse("account_security_confirm"), {"password": "wrong"})
    assert wrong.status_code == 200
    right = client.post(reverse("account_security_confirm"), {"password": PASSWORD, "next": "/admin/account/security/"})
    assert right.url == "/admin/account/security/"
    assert not client.post(reverse(name)).get("Location", "").startswith(reverse("account_security_confirm"))


def test_removing_the_last_factor_is_refused_while_one_is_required(client, member, allier):
    log_in(client, member)
    _response, _secret = add_app(client)
    app = AuthenticatorApp.objects.get()
    allier.requires_second_factor = True
    allier.save()
    form = {"kind": "app", "id": app.pk}
    client.post(reverse("account_security_remove"), form)
    assert AuthenticatorApp.objects.exists()
    allier.requires_second_factor = False
    allier.save()
    client.post(reverse("account_security_remove"), form)
    member.refresh_from_db()
    assert not AuthenticatorApp.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert member.second_factor_key == ""
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("key", ["999999", "x", "", "9" * 30, "-1"])
def test_a_foreign_or_missing_factor_answers_404(client, member, key):
    stranger = make_user("autre")
    enrol(stranger)
    log_in(client, member)
    add_app(client)
    foreign = str(AuthenticatorApp.objects.get(user=stranger).pk)
    add_app(client, "Tablette")
    for kind in ("app", "passkey", "identity", "user"):
        for value in (key, foreign):
            assert client.post(reverse("account_security_remove"), {"kind": kind, "id": value}).status_code == 404
    assert AuthenticatorApp.objects.filter(user=stranger).exists()


def test_the_command_removes_lost_factors(client, member, capsys):
    enrol(member)
    call_command("reset_second_factor", "camille")
    log_in(client, member)
    assert client.get(HOME).status_code == 200


def test_the_account_screen_leads_to_login_security_in_french(client, member):
    log_in(client, member)
    assert reverse("account_security") in client.get(reverse("wagtailadmin_account")).content.decode()
    page = client.get(reverse("account_security"))
    assert page.status_code == 200
    assert 'lang="fr"' in page.content.decode()
    assert page["Cache-Control"].startswith("max-age=0")
