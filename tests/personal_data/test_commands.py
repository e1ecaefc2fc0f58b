"""Tests of the commands `export_person` and `erase_person`."""

import io
import json
import stat

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from wagtail.models import Comment

from cms.media.models import Consent
from cms.pages.models import StandardPage
from cms.personal_data.personal_fields import account_references
from cms.users.models import User
from sites.members import membership
from sites.models import AuditLogEntry, Invitation
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory
from tests.factories.pages import make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.django_db

ADDRESS = "anne@example.org"
NAME = "Anne Martin"


@pytest.fixture
def allier():
    return make_department("allier")


@pytest.fixture
def anne(allier):
    """A member with a session, a page, a comment, an entry of the history and an accepted invitation."""
    administrator = make_user("administration", groups=["allier:administrator"])
    groups = [allier.department_groups.get(role="editor").group]
    invitation, _link = membership.invite(allier, ADDRESS, groups, by=administrator)
    person = make_user("anne")
    person.first_name, person.last_name = NAME.split()
    person.save()
    membership.accept_invitation(invitation, person)
    page = make_page(StandardPage, allier, owner=person)
    page.save_revision(user=person, log_action=True)
    Comment.objects.create(page=page, user=person, text="A remark", contentpath="title")
    Client().force_login(person)
    ConsentFactory(person_name=NAME, collection=allier.collection)
    return person


def run(command, *arguments):
    output = io.StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


def test_the_export_holds_the_account_and_all_rows_that_refer_to_it(anne):
    data = json.loads(run("export_person", ADDRESS, "--name", NAME))
    assert data["account"]["email"] == ADDRESS
    assert data["account"]["roles"] == ["allier:editor"]
    [session] = data["refers_to_account"]["users.AccountSession.user"]
    assert not {"session_key", "session_data"} & set(session)
    assert data["refers_to_account"]["wagtailcore.Comment.user"][0]["text"] == "A remark"
    for label in ("wagtailcore.Page.owner", "wagtailcore.PageLogEntry.user", "cms_sites.Invitation.accepted_by"):
        assert data["refers_to_account"][label], label
    assert data["has_address"]["cms_sites.Invitation.email"]
    assert data["has_name"]["cms_media.Consent.person_name"]


def test_the_export_covers_every_reference_that_the_database_has(anne):
    data = json.loads(run("export_person", "anne"))
    for model, field in account_references():
        count = model._default_manager.filter(**{field.attname: anne.pk}).count()
        label = f"{model._meta.label}.{field.name}"
        # The export itself adds an entry to the audit log.
        assert len(data["refers_to_account"].get(label, [])) in (count, count - 1), label


def test_the_export_has_no_secrets(anne):
    text = run("export_person", ADDRESS)
    assert anne.password not in text
    assert Invitation.objects.get().token_hash not in text


def test_the_export_is_a_new_file_and_is_recorded(anne, tmp_path):
    file = tmp_path / "anne.json"
    run("export_person", ADDRESS, "--output", str(file))
    assert json.loads(file.read_text())["email"] == ADDRESS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(CommandError):
        run("export_person", ADDRESS, "--output", str(file))
    assert AuditLogEntry.objects.filter(action=AuditLogEntry.Action.PERSON_EXPORTED, subject=anne.pk).exists()


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
def test_an_unknown_person_is_an_error(allier, command):
    with pytest.raises(CommandError, match="nobody@example"):
        run(command, "nobody@example.org")


def test_the_erasure_needs_a_confirmation(anne):
    assert "--yes" in run("erase_person", ADDRESS)
    assert User.objects.filter(pk=anne.pk).exists()


def test_the_erasure_leaves_the_name_and_the_address_nowhere_but_in_content(anne):
    key = anne.pk
    text = run("erase_person", ADDRESS, "--name", NAME, "--yes")
    assert "cms_media.Consent.person_name" in text
    assert not User.objects.filter(pk=key).exists()
    assert not Invitation.objects.filter(email=ADDRESS).exists()
    assert Consent.objects.filter(person_name=NAME).exists()
    marks = ("anne@", "anne martin", '"anne"', "'anne'")
    for model in apps.get_models(include_auto_created=True):
        if model is Consent or model._meta.proxy or not model._meta.managed:
            continue
        for row in model._base_manager.values():
            assert not any(mark in str(row).lower() for mark in marks), model
    assert AuditLogEntry.objects.filter(action=AuditLogEntry.Action.PERSON_ERASED, subject_id=key).exists()


def test_the_last_administrator_of_a_department_is_replaced_first(anne):
    with pytest.raises(CommandError):
        run("erase_person", "administration", "--yes")
    assert User.objects.filter(username="administration").exists()


def test_an_invited_person_without_an_account_is_erased_too(allier):
    groups = [allier.department_groups.get(role="editor").group]
    membership.invite(allier, "paul@example.org", groups)
    assert "cms_sites.Invitation.email: 1" in run("erase_person", "paul@example.org", "--yes")
    assert not Invitation.objects.exists()
