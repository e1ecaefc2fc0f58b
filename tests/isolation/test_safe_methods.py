"""Tests that a GET request writes no row and touches no session: every URL, in several roles, and wrong secrets."""

from collections import defaultdict

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.tokens import default_token_generator
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from wagtail.admin.models import EditingSession

from cms.translations.models import GuestLinkUse
from cms.users.models import AccountSession
from sites.members import membership
from sites.models import AuditLogEntry
from tests.factories.users import make_user

from .fixture_data import make_actor
from .public import public_targets
from .rows import Writes
from .targets import admin_targets

pytestmark = pytest.mark.embedded

AUDIT_LOG = AuditLogEntry._meta.db_table
# The uses of a guest link are logged, also when it is only opened.
LINK_USES = GuestLinkUse._meta.db_table


def tables_written_by(client, target):
    """Return the tables to which a GET request writes, and its response; what it wrote is rolled back."""
    writes = Writes()
    with transaction.atomic(), connection.execute_wrapper(writes):
        response = client.get(target.url, headers={"host": target.host})
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    written = writes.tables
    is_download = response.get("Content-Disposition", "").startswith("attachment")
    is_refusal = response.status_code in (403, 404)
    if target.endpoint.name == "guest_review" and not is_refusal:
        written -= {LINK_USES}
    return (written - {AUDIT_LOG} if is_download or is_refusal else written), response


@pytest.mark.parametrize("role", ["administrator", "superuser", "two_departments", "anonymous"])
def test_no_get_request_of_any_url_writes_a_row_or_a_session(fixture_data, client, commits, role):
    with commits():
        user = make_actor(role)
    if user is not None:
        client.force_login(user)
    client.raise_request_exception = False
    written, sessions, requested = defaultdict(set), set(), 0
    for target in (*admin_targets(fixture_data, "own"), *public_targets(fixture_data, "own")):
        tables, response = tables_written_by(client, target)
        requested += 1
        if tables:
            written[target.endpoint.name] |= tables
        if django_settings.SESSION_COOKIE_NAME in response.cookies:
            sessions.add(target.endpoint.name)
    assert requested > 200
    assert dict(written) == {}
    assert sessions == set()


def test_wrong_links_of_invitations_and_resets_create_no_session(fixture_data):
    before = AccountSession.objects.count()
    for number in range(3):
        for name, arguments in (
            ("invitation_link", [f"wrong-{number}"]),
            ("wagtailadmin_password_reset_confirm", ["MQ", f"wrong-{number}"]),
        ):
            response = Client().get(reverse(name, args=arguments))
            assert django_settings.SESSION_COOKIE_NAME not in response.cookies
    assert AccountSession.objects.count() == before


def test_right_links_create_no_session_either(fixture_data):
    before, department = AccountSession.objects.count(), fixture_data.ours.department
    groups = [department.department_groups.get(role="editor").group]
    _invitation, link = membership.invite(department, "anne@example.org", groups)
    visitor = Client()
    assert visitor.get(link, follow=True).status_code == 200
    assert AccountSession.objects.count() == before


def test_a_password_reset_works_with_its_link_and_once(fixture_data):
    person = make_user("anne")
    arguments = [urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)]
    url = reverse("wagtailadmin_password_reset_confirm", args=arguments)
    before, visitor = AccountSession.objects.count(), Client()
    form_url = visitor.get(url).url
    assert arguments[1] not in form_url
    form = visitor.get(form_url)
    assert form.context["validlink"]
    assert AccountSession.objects.count() == before
    assert "new_password1" not in Client().get(form_url).content.decode()  # Without the cookie.
    password = "une autre longue phrase"
    response = visitor.post(form_url, {"new_password1": password, "new_password2": password})
    assert response.url == reverse("wagtailadmin_password_reset_complete")
    assert Client().login(username="anne", password=password)
    assert not visitor.get(url).context.get("validlink")


def test_get_on_logout_keeps_the_session_and_post_ends_it(fixture_data, client):
    client.force_login(make_user("anne", groups=["allier:editor"]))
    response = client.get(reverse("wagtailadmin_logout"))
    assert response.status_code == 405
    assert django_settings.SESSION_COOKIE_NAME not in response.cookies
    assert client.get(reverse("wagtailadmin_home")).status_code == 200
    client.post(reverse("wagtailadmin_logout"))
    assert client.get(reverse("wagtailadmin_home")).status_code == 302


def test_the_first_ping_of_an_edit_form_makes_its_session(fixture_data, login_as):
    client, page = login_as("editor"), fixture_data.ours.page
    body = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    ping = reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", page.pk, 0])
    assert ping in body
    assert not EditingSession.objects.filter(user=client.user).exists()
    answer = client.post(ping).json()
    session = EditingSession.objects.get(user=client.user)
    assert str(session.pk) in answer["ping_url"]
