"""Tests of the screen of the audit log: who reads which entries, with which names, and its downloads."""

import re

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from cms.users.security_notices import SENTENCES
from sites.admin.screens.audit_report import SECOND_FACTOR_CHANGES, describe_details
from sites.audit_log.recording import record
from sites.models import AuditLogEntry
from sites.roles import ROLES
from tests.factories.users import make_user

Action = AuditLogEntry.Action
REPORT = reverse("department_reports:audit_log")
RESULTS = reverse("department_reports:audit_log_results")
pytestmark = pytest.mark.django_db


@pytest.fixture
def logs(allier, isere, administrator):
    """Entries of two departments and of the instance, each by an account with a distinctive name."""
    people = {}
    for name, groups in (("anne", ["allier:editor"]), ("paul", ["isere:editor"]), ("root", [])):
        people[name] = make_user(name, groups=groups, is_superuser=name == "root")
        people[name].first_name, people[name].last_name = name.title(), "Zqname"
        people[name].save()
    record(Action.LOGIN, department=allier, account=people["anne"], subject=people["anne"])
    record(Action.LOGIN, department=isere, account=people["paul"], subject=people["paul"])
    record(Action.ROLES_ADDED, department=allier, account=people["root"], subject=people["anne"], roles=["editor"])
    record(Action.LOGIN, account=people["root"], subject=people["root"])
    return people


def words_of(client, query="", url=REPORT):
    response = client.get(url + query)
    assert response.status_code == 200
    return (b"".join(response) if response.streaming else response.content).decode()


def test_an_administrator_reads_the_log_of_the_own_department(client, logs, administrator):
    client.force_login(administrator)
    for words in (words_of(client), words_of(client, url=RESULTS), words_of(client, "?export=csv")):
        assert "Anne Zqname" in words
        assert "Paul Zqname" not in words
        assert "Root Zqname" not in words
    departments = {entry.department_id for entry in client.get(REPORT).context["object_list"]}
    assert departments == {administrator.groups.get().department_group.department_id}


def test_a_former_member_is_named_in_the_log_of_the_department(client, logs, administrator):
    logs["anne"].groups.clear()
    client.force_login(administrator)
    assert "Anne Zqname" in words_of(client)


def test_a_deleted_account_is_not_named(client, logs, administrator):
    logs["anne"].delete()
    client.force_login(administrator)
    assert "Zqname" not in words_of(client)


@pytest.mark.parametrize("role", [role for role in ROLES if role.key != "administrator" and not role.for_each_locale])
def test_other_roles_do_not_read_it(client, logs, role):
    client.force_login(make_user("other", groups=[f"allier:{role.key}"]))
    for url in (REPORT, RESULTS):
        assert client.get(url).status_code == 404


def test_an_administrator_of_the_instance_reads_all_logs_and_chooses_one(client, logs, allier):
    client.force_login(logs["root"])
    assert all(f"{name} Zqname" in words_of(client) for name in ("Anne", "Paul", "Root"))
    for chosen, department in (("instance", None), (allier.code, allier)):
        entries = client.get(f"{REPORT}?log={chosen}").context["object_list"]
        assert {entry.department for entry in entries} == {department}


@pytest.mark.parametrize("person", ["superuser", "deleted account", "failed login of the superuser"])
@pytest.mark.parametrize("query", ["", "?export=csv", "?address=198.51", "?address=198.51.100.9&export=csv"])
def test_the_address_of_who_is_not_named_is_blank(client, logs, allier, administrator, query, person):
    root, address = logs["root"], "198.51.100.9"
    who = {"account": root, "subject": logs["anne"]}
    if person == "failed login of the superuser":
        root.groups.add(allier.department_groups.get(role="editor").group)
        who = {"subject": root}
    elif person == "deleted account":
        who = {"account": logs["anne"], "subject": logs["anne"]}
    record(Action.LOGIN_FAILED, department=allier, client=address, **who)
    record(Action.LOGIN_FAILED, department=allier, client="198.51.100.7", subject=administrator)
    if person == "deleted account":
        logs["anne"].delete()
    client.force_login(administrator)
    words = words_of(client, query)
    text = "".join(re.findall("<table.*?</table>", words, re.DOTALL)) or words  # Fields above show what was typed.
    assert address not in text
    assert ("198.51.100.7" in text) is ("100.9" not in query)
    client.force_login(root)
    assert address in words_of(client, query)


def test_filters_narrow_the_entries(client, logs, administrator):
    client.force_login(administrator)
    for query, number in (
        (f"?action={Action.ROLES_ADDED}&subject={logs['anne'].pk}", 2),  # By the fixture, and by the roles given.
        (f"?account={logs['anne'].pk}", 1),
        (f"?account={logs['paul'].pk}", None),
        ("?address=192.0.2.1", 0),
        ("?timestamp_from=2099-01-01", 0),
    ):
        response = client.get(REPORT + query)
        if number is not None:
            assert len(response.context["object_list"]) == number, query
        assert "Paul Zqname" not in response.content.decode()


def test_the_screen_is_a_report_of_wagtail_in_the_language_of_the_user(client, logs, administrator):
    client.force_login(administrator)
    page = BeautifulSoup(words_of(client), "html.parser")
    assert page.select_one("table.listing")
    assert page.select_one("a[href*='export=csv']")
    assert page.select_one("a[href*='export=xlsx']")
    menu = client.get(reverse("wagtailadmin_home")).content.decode()
    assert REPORT in menu


def test_query_count_does_not_grow_with_entries(client, logs, allier, administrator):
    client.force_login(administrator)
    client.get(REPORT)
    with CaptureQueriesContext(connection) as before:
        client.get(REPORT)
    for number in range(10):
        record(Action.LOGIN, department=allier, account=make_user(f"user-{number}", groups=["allier:editor"]))
    with CaptureQueriesContext(connection) as after:
        client.get(REPORT)
    assert len(after) <= len(before)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_details_are_texts_in_the_language_of_the_reader(allier, language):
    details = {"change": "app_added", "what": "sharing.accept", "retires_on": "2027-01-01"}
    with override(language):
        text = describe_details(details, {})
    assert "app_added" not in text
    assert "retires_on" not in text
    assert "sharing.accept" not in text
    assert {"en": "authenticator app", "fr": "application d’authentification"}[language] in text


def test_each_change_of_second_factors_has_a_text_and_a_notice():
    assert set(SECOND_FACTOR_CHANGES) == {change for change in SENTENCES if not isinstance(change, Action)}
