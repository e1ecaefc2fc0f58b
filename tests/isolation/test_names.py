"""Tests that a person is named to members of the person's department only, on every screen and in every export.

Every foreign key to an account, of every model, is set to one person; then every screen about the own objects is read.
"""

import io
import re

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import ForeignKey, OneToOneField
from django.test import RequestFactory
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from sites.members import membership
from sites.members.addresses import release_address
from sites.models import AuditLogEntry
from sites.people.personal_names import name_of_account
from sites.people.request_context import handling
from tests.factories.departments import make_department
from tests.factories.users import make_user

from .targets import admin_targets, reason_to_skip

NAME = "Zqname Zqfamily"
# Rows that say who a person is, and not what a person did.
# The audit log refuses changes; `tests/sites/audit_log/test_report.py` tests its names.
ABOUT_ACCOUNTS = {"cms_sites.AuditLogEntry", "users.User_groups", "users.User_user_permissions", "wagtailcore.APIToken"}
EXPORTS = ("csv", "xlsx")
MARKS = re.compile("zqname|zqfamily|zqaccount")


def fields_with_accounts():
    """Return the foreign keys of all models that refer to an account."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            is_reference = isinstance(field, ForeignKey) and not isinstance(field, OneToOneField)
            if is_reference and field.related_model is get_user_model() and model._meta.label not in ABOUT_ACCOUNTS:
                yield model, field


def attribute_everything_to(person):
    for model, field in fields_with_accounts():
        model._base_manager.update(**{field.attname: person.pk})


def screens_naming(client, fixture_data, read):
    """Return the URLs of the own department's objects, and their exports, whose response has the name."""
    found = []
    for target in admin_targets(fixture_data, "own"):
        if reason_to_skip(target.endpoint, "own"):
            continue
        words = read(client.get(target.url))
        exports = [f"?export={export}" for export in EXPORTS if f"export={export}" in words and "?" not in target.url]
        answers = {"": words} | {export: text_of(client.get(target.url + export), read) for export in exports}
        found += [target.endpoint.name + query for query, answer in answers.items() if MARKS.search(answer)]
    return found


def text_of(response, read):
    if "spreadsheetml" in response.get("Content-Type", ""):
        sheet = load_workbook(io.BytesIO(b"".join(response))).active
        return " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row).lower()
    return read(response)


def make_person(department, *, is_superuser=False):
    groups = [f"{department.slug}:publisher"] if department else []
    person = make_user("zqaccount", groups=groups, is_superuser=is_superuser)
    person.first_name, person.last_name = NAME.split()
    person.save()
    return person


@pytest.mark.embedded
def test_a_person_of_another_department_is_named_on_no_screen_and_in_no_export(login_as, fixture_data, read):
    client = login_as("administrator")
    client.raise_request_exception = False
    attribute_everything_to(make_person(fixture_data.theirs.department))
    assert screens_naming(client, fixture_data, read) == []
    body = read(client.get(reverse("department_reports:site_history") + "?export=csv"))
    assert fixture_data.theirs.department.name.lower() in body


@pytest.mark.embedded
def test_a_colleague_is_named_where_other_people_are_not(login_as, fixture_data, read):
    client = login_as("administrator")
    client.raise_request_exception = False
    attribute_everything_to(make_person(fixture_data.ours.department))
    named = screens_naming(client, fixture_data, read)
    assert {
        "department_reports:site_history",
        "department_reports:site_history?export=csv",
        "department_reports:site_history?export=xlsx",
        "department_reports:aging_pages",
        "department_reports:locked_pages",
        "department_reports:workflow",
        "wagtailadmin_pages:edit",
        "wagtailadmin_pages:history",
        "wagtailadmin_pages:workflow_history",
        "wagtailadmin_pages:workflow_history_detail",
    } <= set(named)


@pytest.mark.parametrize("is_superuser", [True, False])
def test_who_belongs_to_no_department_is_not_named(login_as, fixture_data, read, is_superuser):
    person = make_person(None, is_superuser=is_superuser)
    log(fixture_data.ours.video, "wagtail.edit", user=person)
    body = read(login_as("administrator").get(reverse("department_reports:site_history") + "?export=csv"))
    assert "zqname" not in body
    assert ("administration de l" in body or "administration of the instance" in body) is is_superuser


def test_a_superuser_reads_all_names(login_as, fixture_data, read):
    log(fixture_data.ours.video, "wagtail.edit", user=make_person(fixture_data.theirs.department))
    assert "zqname" in read(login_as().get(reverse("department_reports:site_history") + "?export=csv"))


def test_membership_entries_refer_to_the_account_and_lose_the_name_with_it(login_as, fixture_data, read):
    client, department = login_as("administrator"), fixture_data.ours.department
    person = make_person(department)
    group = department.department_groups.get(role="editor").group
    membership.change_roles(department, person, [group], by=client.user)
    entry = ModelLogEntry.objects.get(action="cms_sites.change_roles")
    assert entry.data["account"] == person.pk
    assert "zq" not in str(entry.data).lower()
    url = reverse("department_reports:site_history")
    assert "zqname" in entry.message.lower()
    person.delete()
    assert "zq" not in name_of_account(entry.data["account"])
    assert "zqname" not in read(client.get(url))


def test_hidden_names_cost_one_query_more_than_shown_names(login_as, fixture_data, django_assert_max_num_queries):
    client, url = login_as("administrator"), reverse("department_reports:site_history")
    colleagues, others = (
        [make_user(f"{slug}-{number}", groups=[f"{slug}:publisher"]) for number in range(5)]
        for slug in (fixture_data.ours.department.slug, fixture_data.theirs.department.slug)
    )
    entries = [log(fixture_data.ours.video, "wagtail.edit", user=colleague) for colleague in colleagues]
    client.get(url)
    with django_assert_max_num_queries(100) as queries:
        client.get(url)
    for entry, other in zip(entries, others, strict=True):
        ModelLogEntry.objects.filter(pk=entry.pk).update(user=other)
    with django_assert_max_num_queries(len(queries) + 1):
        client.get(url)


def test_a_squatted_address_names_nobody_in_the_log_of_the_squatter(db):
    """The owner of the address belongs to another department: neither name nor client is recorded there."""
    allier = make_department("allier", code="03")
    make_department("isere", code="38")
    squatter = make_user("squatter", groups=["allier:editor"])
    type(squatter).objects.filter(pk=squatter.pk).update(email="new@example.org", email_confirmed_at=None)
    owner = make_user("proprietaire", groups=["isere:editor"])
    request = RequestFactory().post("/admin/")
    request.user = owner
    with handling(request):
        release_address(type(squatter).objects.get(pk=squatter.pk))
    entries = AuditLogEntry.objects.filter(department=allier, action=AuditLogEntry.Action.ADDRESS_CHANGED)
    assert [(entry.account_id, entry.address) for entry in entries] == [(None, None)]
