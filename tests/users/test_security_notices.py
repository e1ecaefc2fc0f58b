"""Tests of the entries and e-mails about changes of an account's login."""

import pytest
from django.core import mail

from cms.users.second_factor import methods
from cms.users.second_factor.signals import second_factors_changed
from sites.models import AuditLogEntry
from tests.factories.users import make_user

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
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_second_factors_is_recorded_and_told_to_the_owner(allier, member, commits, change):
    with commits():
        second_factors_changed.send(sender=type(member), request=None, user=member, change=change)
    entry = AuditLogEntry.objects.get(action="second_factors_changed")
    assert (entry.department, entry.subject, entry.details) == (allier, member, {"change": change})
    (message,) = mail.outbox
    assert message.to == [member.email]


def test_a_new_password_is_told_to_the_owner_in_the_language_of_the_profile(member, commits):
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
