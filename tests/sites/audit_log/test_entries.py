"""Tests that each action with consequences for security leaves an entry, whatever code performs it."""

import datetime
import sqlite3

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import EventPage
from sites.audit_log.recording import record
from sites.lifecycle.suspension import reactivate, suspend
from sites.members import membership
from sites.models import AppendOnlyError, AuditLogEntry, Sharing
from sites.sharing import transitions
from tests.factories.media import ConsentFactory
from tests.factories.pages import make_page
from tests.factories.users import PASSWORD, make_user

Action = AuditLogEntry.Action
pytestmark = pytest.mark.django_db


def entries(department=None, **lookups):
    return AuditLogEntry.objects.filter(department=department, **lookups)


def log_in(client, username, password=PASSWORD, **options):
    return client.post(reverse("wagtailadmin_login"), {"username": username, "password": password}, **options)


def test_a_login_is_recorded_in_the_department_with_account_and_address(client, allier, administrator):
    log_in(client, "administration", REMOTE_ADDR="192.0.2.7")
    entry = entries(allier, action=Action.LOGIN).get()
    assert (entry.account, entry.subject, entry.address) == (administrator, administrator, "192.0.2.7")
    assert not entries(action=Action.LOGIN).exists()


def test_a_login_of_an_administrator_of_the_instance_is_in_its_log(client, allier):
    root = make_user("root", is_superuser=True)
    log_in(client, "root")
    assert entries(action=Action.LOGIN).get().account == root


def test_a_failed_login_is_recorded_without_the_typed_words(client, allier, administrator):
    log_in(client, "administration", "wrong", REMOTE_ADDR="192.0.2.8")
    entry = entries(allier, action=Action.LOGIN_FAILED).get()
    assert (entry.account, entry.subject, entry.address) == (None, administrator, "192.0.2.8")
    log_in(client, "my-secret-password", "wrong")
    unknown = entries(action=Action.LOGIN_FAILED).get()
    assert unknown.details == {"unknown_account": True}
    assert authenticate(username="administration", password=PASSWORD)


def test_a_limit_of_attempts_is_recorded(client, allier, administrator, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"login.account": "2/15 minutes"}
    for _number in range(4):
        log_in(client, "administration", "wrong")
    assert entries(allier, action=Action.LIMIT_REACHED).count() == 1


def test_password_resets_are_recorded_when_requested_and_when_done(client, allier, administrator, commits):
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), {"email": administrator.email}, REMOTE_ADDR="192.0.2.9")
    entry = entries(allier, action=Action.PASSWORD_RESET_REQUESTED).get()
    assert (entry.subject, entry.account, entry.address) == (administrator, None, "192.0.2.9")
    with commits():
        client.post(reverse("wagtailadmin_password_reset"), {"email": "nobody@example.org"})
    assert entries(action=Action.PASSWORD_RESET_REQUESTED).count() == 1
    administrator.set_password("another long password")
    administrator.save()
    assert entries(allier, action=Action.PASSWORD_CHANGED).get().subject == administrator
    assert [message.to for message in mail.outbox] == [[administrator.email]]


def test_a_login_with_an_older_hash_is_no_change_of_the_password(client, allier, administrator, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    before = administrator.password
    log_in(client, "administration")
    administrator.refresh_from_db()
    assert administrator.password != before
    assert not AuditLogEntry.objects.filter(action=Action.PASSWORD_CHANGED).exists()


def test_changes_of_accounts_are_recorded_whatever_code_makes_them(allier, administrator):
    administrator.email = "new@example.org"
    administrator.is_active = False
    administrator.save()
    administrator.is_active = administrator.is_superuser = True
    administrator.save()
    administrator.first_name = "Anne"
    administrator.save(update_fields=["first_name"])
    found = list(entries(allier).order_by("pk").values_list("action", flat=True))
    assert [action for action in found if action not in (Action.ROLES_ADDED, Action.DEPARTMENT_CREATED)] == [
        Action.ADDRESS_CHANGED,
        Action.ACCOUNT_CLOSED,
        Action.ACCOUNT_OPENED,
        Action.INSTANCE_RIGHTS_GIVEN,
    ]
    assert entries(action=Action.INSTANCE_RIGHTS_GIVEN).exists()


def test_roles_are_recorded_on_both_sides_of_the_relation(allier, administrator):
    group = allier.department_groups.get(role="editor").group
    administrator.groups.add(group)
    assert entries(allier, action=Action.ROLES_ADDED, details__roles=["editor"]).get().subject == administrator
    group.user_set.remove(administrator)
    assert entries(allier, action=Action.ROLES_REMOVED, details__roles=["editor"]).get().subject == administrator
    administrator.groups.clear()
    assert entries(allier, action=Action.ROLES_REMOVED, details__roles=["administrator"]).exists()


def test_invitations_are_recorded_by_reference(allier, administrator, commits):
    groups = [allier.department_groups.get(role="editor").group]
    with commits():
        invitation, _link = membership.invite(allier, "anne@example.org", groups, by=administrator)
    entry = entries(allier, action=Action.INVITED).get()
    assert (entry.account, entry.details["invitation"]) == (administrator, invitation.pk)
    assert "anne" not in str(entry.details)
    person = make_user("anne")
    membership.accept_invitation(invitation, person)
    assert entries(allier, action=Action.INVITATION_ACCEPTED).get().subject == person
    other, _link = membership.invite(allier, "paul@example.org", groups, by=administrator)
    membership.revoke_invitation(other, by=administrator)
    assert entries(allier, action=Action.INVITATION_REVOKED).exists()


def test_sharing_is_in_both_logs_and_names_the_account_in_one(allier, isere, administrator):
    page = make_page(EventPage, allier)
    sharing = transitions.propose(page, isere, Sharing.Kind.CO_HOLDING, administrator)
    answering = make_user("isere", groups=["isere:administrator"])
    transitions.accept(sharing, user=answering)
    acts = {
        (entry.details["what"], entry.department, entry.account)
        for entry in AuditLogEntry.objects.filter(action=Action.SHARING)
    }
    assert acts == {
        ("sharing.propose", allier, administrator),
        ("sharing.propose", isere, None),
        ("sharing.accept", isere, answering),
        ("sharing.accept", allier, None),
    }


def test_suspension_is_in_the_log_of_the_department_and_of_the_instance(allier):
    suspend(allier, timezone.localdate())
    reactivate(allier)
    for department in (allier, None):
        for action in (Action.DEPARTMENT_CREATED, Action.DEPARTMENT_SUSPENDED, Action.DEPARTMENT_REACTIVATED):
            assert entries(department, action=action).exists()


@pytest.mark.parametrize("export", ["proof", "translations", "members"])
def test_a_download_is_in_the_log_of_the_department_of_its_object(client, allier, isere, export):
    """It does not depend on the current department, which an administrator of the instance lacks."""
    url = DOWNLOADS[export](allier)
    both = make_user("both", groups=["allier:administrator", "isere:administrator"])
    for user in (both, make_user("root", is_superuser=True)):
        client.force_login(user)
        if user is both:
            client.post(reverse("department_switch"), {"department": isere.pk})
        before = AuditLogEntry.objects.filter(action=Action.DOWNLOAD).count()
        response = client.get(url)
        assert response["Content-Disposition"].startswith("attachment"), export
        b"".join(response)
        found = AuditLogEntry.objects.filter(action=Action.DOWNLOAD)
        assert (found.count(), found.latest("pk").department) == (before + 1, allier)


def proof_of(department):
    consent = ConsentFactory(collection=department.collection, proof=ContentFile(b"%PDF-1.4", "preuve.pdf"))
    return reverse("consent_proof", args=[consent.pk])


def translations_of(department):
    page = make_page(EventPage, department)
    source, _created = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    translation.save_target(publish=False)
    return reverse("wagtail_localize:download_pofile", args=[translation.pk])


DOWNLOADS = {
    "proof": proof_of,
    "translations": translations_of,
    "members": lambda department: reverse("team:members", args=[department.slug]) + "?export=csv",
}


@pytest.mark.parametrize("role", ["editor", "superuser"])
def test_refused_access_is_recorded_in_the_log_of_the_account(client, allier, isere, role):
    page = make_page(EventPage, isere)
    groups = [] if role == "superuser" else ["allier:editor"]
    user = make_user("anne", groups=groups, is_superuser=role == "superuser")
    client.force_login(user)
    for url in (
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        reverse("wagtailadmin_pages:edit", args=[999_999]),
        reverse("wagtailusers_users:index"),
        reverse("team:members", args=["isere"]),
    ):
        client.get(url)
    found = list(entries(action=Action.ACCESS_REFUSED)) + list(entries(isere, action=Action.ACCESS_REFUSED))
    assert found == []
    own = list(entries(allier, action=Action.ACCESS_REFUSED).order_by("pk"))
    if role == "superuser":
        assert own == []
        return
    assert [entry.details["screen"] for entry in own] == [
        "wagtailadmin_pages:edit", "wagtailadmin_pages:edit", "wagtailusers_users:index", "team:members",
    ]  # fmt: skip
    assert {(entry.account, entry.subject) for entry in own} == {(user, user)}


def test_an_entry_holds_no_secret_of_the_url(client, allier):
    client.force_login(make_user("anne", groups=["allier:editor"]))
    assert client.get(reverse("email_change", args=["a-link-that-somebody-has"])).status_code == 404
    entry = entries(allier, action=Action.ACCESS_REFUSED).get()
    assert entry.details["screen"] == "email_change"
    assert "somebody" not in str(entry.details)


def test_refusals_do_not_fill_the_log(client, allier, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"refusals.account": "3/hour"}
    client.force_login(make_user("anne", groups=["allier:editor"]))
    for key in range(10):
        assert client.get(reverse("wagtailadmin_pages:edit", args=[900_000 + key])).status_code == 404
    assert entries(allier, action=Action.ACCESS_REFUSED).count() == 3
    assert entries(allier, action=Action.LIMIT_REACHED, details={"rule": "refusals.account"}).count() == 1


@pytest.mark.parametrize("export", ["csv", "xlsx"])
def test_downloads_of_the_admin_are_recorded(client, allier, administrator, export):
    client.force_login(administrator)
    response = client.get(reverse("department_reports:site_history") + f"?export={export}")
    b"".join(response)
    entry = entries(allier, action=Action.DOWNLOAD).get()
    assert entry.account == administrator
    assert entry.details["screen"].endswith("site_history")
    assert entry.details["format"] == export
    client.get(reverse("department_reports:site_history"))
    assert entries(allier, action=Action.DOWNLOAD).count() == 1


def test_an_entry_without_its_account_has_no_name(allier, administrator):
    record(Action.LOGIN, department=allier, account=administrator, subject=administrator)
    key = administrator.pk
    administrator.delete()
    entry = entries(allier, action=Action.LOGIN).get()
    assert (entry.account_id, entry.subject_id) == (key, key)
    assert entries(allier, action=Action.ACCOUNT_DELETED).get().subject_id == key


def test_entries_are_neither_changed_nor_deleted(allier):
    record(Action.LOGIN, department=allier)
    entry = AuditLogEntry.objects.first()
    for refused in (
        entry.save, entry.delete, AuditLogEntry.objects.all().delete,
        lambda: AuditLogEntry.objects.update(address="192.0.2.1"),
        lambda: AuditLogEntry._base_manager.update(address="192.0.2.1"),
        lambda: AuditLogEntry.objects.bulk_update([entry], ["address"]),
        lambda: AuditLogEntry.objects.update_or_create(pk=entry.pk, defaults={"address": "192.0.2.1"}),
    ):  # fmt: skip
        with pytest.raises(AppendOnlyError):
            refused()


STATEMENTS = {
    "UPDATE cms_sites_auditlogentry SET details = '{}'": ("postgresql", "sqlite"),
    "DELETE FROM cms_sites_auditlogentry": ("postgresql", "sqlite"),
    "TRUNCATE cms_sites_auditlogentry": ("postgresql",),
    "TRUNCATE cms_sites_auditlogentry RESTART IDENTITY CASCADE": ("postgresql",),
    "INSERT OR REPLACE INTO cms_sites_auditlogentry (id, timestamp, department_code, action, details)"
    " SELECT id, timestamp, '', 'login', '{}' FROM cms_sites_auditlogentry": ("sqlite",),
}


@pytest.mark.parametrize("statement", [text for text, vendors in STATEMENTS.items() if connection.vendor in vendors])
def test_the_database_refuses_changes_by_other_code(allier, statement):
    record(Action.LOGIN_FAILED, department=allier)
    before = list(AuditLogEntry.objects.values())
    with pytest.raises(DatabaseError, match="neither changed nor deleted"), transaction.atomic():
        connection.cursor().execute(statement)
    assert list(AuditLogEntry.objects.values()) == before


@pytest.mark.embedded
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite has the trigger that asks a function")
def test_another_program_deletes_nothing_from_the_file(allier):
    """The function that its trigger asks exists in connections of the product only."""
    schema = [
        row[0]
        for row in connection.cursor().execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'cms_sites_auditlogentry' AND type IN ('table', 'trigger')"
        )
    ]
    with sqlite3.connect(":memory:") as other:
        for statement in schema:
            other.execute(statement)
        other.execute(
            "INSERT INTO cms_sites_auditlogentry (timestamp, department_code, action, details)"
            " VALUES ('2026-01-01', '', 'login', '{}')"
        )
        for statement in ("DELETE FROM cms_sites_auditlogentry", "UPDATE cms_sites_auditlogentry SET action = ''"):
            with pytest.raises(sqlite3.Error):
                other.execute(statement)


def test_expired_entries_are_deleted_by_the_command(allier, settings, capsys):
    settings.AUDIT_LOG_DAYS = 30
    AuditLogEntry.objects.create(action=Action.LOGIN, timestamp=timezone.now() - datetime.timedelta(days=31))
    AuditLogEntry.objects.create(action=Action.LOGIN, timestamp=timezone.now() - datetime.timedelta(days=29))
    call_command("audit_log_forget", accept_clock=True)
    assert capsys.readouterr().out.startswith("1 ")
    assert AuditLogEntry.objects.filter(action=Action.LOGIN).count() == 1


def test_an_anonymous_client_is_recorded_too(allier):
    log_in(Client(), "nobody", "nothing", REMOTE_ADDR="2001:db8::1")
    assert entries(action=Action.LOGIN_FAILED).get().address == "2001:db8::1"
