"""Tests of the entries and e-mails about changes of an account's login."""

import pytest
from django.core import mail
from django.urls import reverse
from wagtail.models import APIToken

from cms.users.second_factor import methods
from cms.users.second_factor.signals import second_factors_changed
from sites.members.addresses import release_address
from sites.models import AuditLogEntry
from tests.factories.users import PASSWORD, make_user

from .test_second_factor import code_of, enrol

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CHANGES = (
    "app_added",
    "app_removed",
    "passkey_added",
    "passkey_removed",
    "recovery_codes_replaced",
    "identity_added",
    "identity_removed",
    "all_removed",
    "recovery_code_used",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_second_factors_is_recorded_and_the_owner_is_notified(allier, member, commits, change):
    with commits():
        second_factors_changed.send(sender=type(member), request=None, user=member, change=change)
    entry = AuditLogEntry.objects.get(action="second_factors_changed")
    assert (entry.department, entry.subject, entry.details) == (allier, member, {"change": change})
    (message,) = mail.outbox
    assert message.to == [member.email]


def test_the_owner_is_notified_of_a_new_password_in_the_language_of_the_profile(member, commits):
    member.wagtail_userprofile.preferred_language = "fr"
    member.wagtail_userprofile.save()
    with commits():
        member.set_password("un autre mot de passe long")
        member.save()
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([member.email], "La connexion à votre compte a changé")
    assert "Le mot de passe de votre compte a changé." in message.body


def test_a_closed_account_gets_no_notice(member, commits):
    member.is_active = False
    with commits():
        member.set_password("un autre mot de passe long")
        member.save()
    assert not mail.outbox


def test_an_account_of_no_department_is_in_the_log_of_the_instance(commits, db):
    alone = make_user("seule")
    with commits():
        methods.add_app(alone, "Téléphone", methods.new_secret(), 1)
        second_factors_changed.send(sender=type(alone), request=None, user=alone, change="app_added")
    assert AuditLogEntry.objects.get(action="second_factors_changed").department is None


@pytest.mark.parametrize("method", ["app", "recovery_code", "wrong code", "password", "wrong password"])
def test_each_second_step_is_recorded_and_the_owner_is_notified_of_a_recovery_code(client, member, commits, method):
    client.force_login(member)
    screen, field = reverse("account_security_confirm"), "password"
    value = PASSWORD if method == "password" else "wrong"
    if "password" not in method:
        secret, codes = enrol(member)
        client.force_login(member)
        screen, field = reverse("account_security_verify"), "code"
        value = {"app": code_of(secret), "recovery_code": codes[0]}.get(method, "000000")
    mail.outbox.clear()
    with commits():
        client.post(screen, {field: value})
    entry = AuditLogEntry.objects.filter(action__in=("identity_confirmed", "login_failed")).get()
    assert entry.action == ("login_failed" if method.startswith("wrong") else "identity_confirmed")
    assert entry.details == {"wrong code": {"method": "second_factor"}, "wrong password": {}}.get(
        method, {"method": method}
    )
    assert [message.to for message in mail.outbox] == ([[member.email]] if method == "recovery_code" else [])


@pytest.mark.parametrize("form", ["password", "email_change"])
def test_a_wrong_password_on_the_account_screen_is_recorded(client, member, form):
    client.force_login(member)
    data = {
        "password": {"password-old_password": "wrong", "password-new_password1": "une autre longue phrase"},
        "email_change": {"email_change-email": "x@example.org", "email_change-current_password": "wrong"},
    }[form]
    client.post(reverse("wagtailadmin_account"), data)
    assert AuditLogEntry.objects.get(action="login_failed").subject == member


def test_the_former_address_is_notified_of_a_new_one_whoever_sets_it(member, commits):
    former = member.email
    with commits():
        member.email = "ailleurs@example.org"
        member.save()
    assert [message.to for message in mail.outbox] == [[former]]


def test_an_address_that_was_never_confirmed_gets_no_notice(member, commits):
    with commits():
        release_address(member)
    assert not mail.outbox


@pytest.mark.parametrize("change", ["token_added", "token_removed"])
def test_api_tokens_are_recorded_and_the_owner_is_notified(member, commits, change):
    with commits():
        token, _key = APIToken.create_token(user=member, name="test")
    if change == "token_removed":
        mail.outbox.clear()
        with commits():
            token.revoke()
    assert AuditLogEntry.objects.filter(action="api_tokens_changed", details={"change": change}).count() == 1
    assert [message.to for message in mail.outbox] == [[member.email]]


def test_a_new_administrator_of_the_instance_is_notified(member, commits):
    with commits():
        member.is_superuser = True
        member.save()
    assert [message.to for message in mail.outbox] == [[member.email]]
