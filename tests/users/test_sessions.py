"""Tests of sessions: their time limits, the list of the own sessions, and how they are ended."""

import datetime

import pyotp
import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cms.users.models import AccountSession
from cms.users.second_factor import methods
from cms.users.second_factor.signals import second_factors_changed
from cms.users.sessions import session_store
from cms.users.sessions.account_sessions import active_sessions, program_of
from sites.models import AuditLogEntry
from tests.factories.users import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

HOME = "/admin/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def is_logged_in(client):
    return client.get(reverse("wagtailadmin_account")).status_code == 200


def row_of(client):
    return AccountSession.objects.get(pk=client.session.session_key)


def later(**options):
    return time_machine.travel(timezone.now() + datetime.timedelta(**options), tick=False)


# --- Time limits ------------------------------------------------------------------------------------------------


def test_a_session_that_is_not_used_ends(member, settings):
    settings.SESSION_IDLE_MINUTES = 60
    client = logged_in(member)
    with later(minutes=59):
        assert is_logged_in(client)
    with later(minutes=59 + 59):
        assert is_logged_in(client)
    with later(minutes=59 + 59 + 60):
        assert not is_logged_in(client)


def test_a_session_ends_after_its_longest_time_however_much_it_is_used(member, settings):
    settings.SESSION_HOURS, settings.SESSION_IDLE_MINUTES = 12, 60
    client = Client()
    client.post(reverse("wagtailadmin_login"), {"username": member.username, "password": PASSWORD, "remember": "on"})
    for number in range(1, 24):
        with later(minutes=30 * number):
            # Saved sessions get a new expiry date.
            client.post(reverse("account_security_confirm"), {"password": PASSWORD})
            assert is_logged_in(client), number
    with later(hours=12):
        assert not is_logged_in(client)


def test_pages_write_the_time_of_the_last_use_once_in_five_minutes(member, django_assert_num_queries):
    client = logged_in(member)
    before = row_of(client).last_used_at
    with later(seconds=session_store.SECONDS_BETWEEN_NOTES - 10):
        client.get(HOME)
    assert row_of(client).last_used_at == before
    with later(seconds=session_store.SECONDS_BETWEEN_NOTES + 10):
        client.get(HOME)
        client.post(reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", 1, 0]))
    used = row_of(client).last_used_at
    assert used > before
    with later(minutes=20):
        client.post(reverse("wagtailadmin_editing_sessions:ping", args=["wagtailcore", "page", 1, 0]))
    assert row_of(client).last_used_at == used


def test_a_session_without_a_time_of_login_is_refused(member):
    client = logged_in(member)
    session = client.session
    del session[session_store.LOGGED_IN_AT]
    session.save()
    assert not is_logged_in(client)


def test_each_proof_of_identity_gives_a_new_key(member):
    client = logged_in(member)
    key = client.session.session_key
    client.post(reverse("account_security_confirm"), {"password": PASSWORD})
    assert client.session.session_key != key
    assert not AccountSession.objects.filter(pk=key).exists()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert not is_logged_in(client)


def test_a_key_chosen_by_somebody_else_is_not_taken(member):
    """Session fixation: the login makes its own key."""
    client = Client()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = "a" * 32
    client.post(reverse("wagtailadmin_login"), {"username": member.username, "password": PASSWORD})
    key = client.session.session_key
    assert key != "a" * 32
    client.post(reverse("wagtailadmin_logout"))
    client.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert not is_logged_in(client)


# --- The own sessions -------------------------------------------------------------------------------------------


def test_the_account_lists_its_sessions_and_no_keys(member, isere):
    other = make_user("autre", groups=["isere:editor"])
    elsewhere = Client(headers={"user-agent": "Chrome/1 Android"})
    elsewhere.post(reverse("wagtailadmin_login"), {"username": other.username, "password": PASSWORD})
    first, second = Client(headers={"user-agent": FIREFOX}), logged_in(member)
    first.post(reverse("wagtailadmin_login"), {"username": member.username, "password": PASSWORD})
    page = second.get(reverse("account_security")).content.decode()
    assert "Firefox" in page
    assert "Windows" in page
    assert "Android" not in page
    assert first.session.session_key not in page
    assert second.session.session_key not in page


def test_the_account_ends_one_of_its_sessions(member, isere):
    stranger = logged_in(make_user("autre", groups=["isere:editor"]))
    first, second, third = logged_in(member), logged_in(member), logged_in(member)
    url = reverse("account_security_sessions")
    assert second.post(url, {"session": row_of(first).public_id}).url == reverse("account_security")
    assert [is_logged_in(client) for client in (first, second, third)] == [False, True, True]
    for wrong in ("", "x", row_of(stranger).public_id, second.session.session_key):
        assert second.post(url, {"session": wrong}).status_code == 404, wrong
    assert is_logged_in(stranger)
    second.post(url, {"session": "others"})
    assert [is_logged_in(client) for client in (second, third, stranger)] == [True, False, True]
    assert AuditLogEntry.objects.filter(action="sessions_ended", subject_id=member.pk).count() == 2


def test_the_end_of_a_session_needs_a_recent_proof_of_identity(member):
    first, second = logged_in(member), logged_in(member)
    with later(minutes=11):
        answer = second.post(reverse("account_security_sessions"), {"session": "others"})
        assert answer.url.startswith(reverse("account_security_confirm"))
        assert is_logged_in(first)


@pytest.mark.parametrize("change", ["app_added", "recovery_codes_replaced", "identity_removed", "all_removed"])
def test_a_change_of_factors_ends_the_other_sessions(member, rf, change):
    first, second = logged_in(member), logged_in(member)
    request = rf.post("/")
    request.session = second.session
    second_factors_changed.send(sender=type(member), request=request, user=member, change=change)
    assert [is_logged_in(client) for client in (first, second)] == [False, True]


def test_a_factor_that_is_added_on_the_screen_ends_the_other_sessions(member):
    first, second = logged_in(member), logged_in(member)
    page = second.get(reverse("account_security_app"))
    secret = page.context["secret"].replace(" ", "")
    form = {"name": "Téléphone", "code": pyotp.TOTP(secret).now(), "secret": page.context["form"].initial["secret"]}
    second.post(reverse("account_security_app"), form)
    member.refresh_from_db()
    assert member.second_factor_key
    assert [is_logged_in(client) for client in (first, second)] == [False, True]


def test_a_new_password_ends_the_other_sessions_and_leaves_none_in_the_list(member):
    first, second = logged_in(member), logged_in(member)
    member.set_password("une autre longue phrase")
    member.save()
    assert [is_logged_in(client) for client in (first, second)] == [False, False]
    assert active_sessions(member) == []


def test_sessions_of_a_closed_account_do_not_return(member):
    client = logged_in(member)
    for is_active in (False, True):
        member.is_active = is_active
        member.save()
        assert not is_logged_in(client)


# --- Administrators of the instance -----------------------------------------------------------------------------


def test_an_administrator_of_the_instance_ends_the_sessions_of_an_account(member):
    root = logged_in(make_user("root", is_superuser=True))
    client, own = logged_in(member), row_of(root).pk
    url = reverse("account_sessions_end", args=[member.pk])
    assert url in root.get(reverse("wagtailusers_users:index")).content.decode()
    assert root.get(url).context["number"] == 1
    assert is_logged_in(client)
    root.post(url)
    assert not is_logged_in(client)
    root.post(reverse("account_sessions_end", args=[root.get(HOME).wsgi_request.user.pk]))
    assert AccountSession.objects.filter(pk=own).exists()
    assert logged_in(member).post(url).status_code in (302, 403, 404)


def test_the_command_ends_sessions_of_one_account_and_of_all(member, capsys):
    root, client = logged_in(make_user("root", is_superuser=True)), logged_in(member)
    call_command("end_sessions", member.username)
    assert [is_logged_in(each) for each in (root, client)] == [True, False]
    call_command("end_sessions", "--all")
    assert not is_logged_in(root)
    with pytest.raises(CommandError):
        call_command("end_sessions", "nobody")


def test_programs_have_names():
    assert program_of(FIREFOX) in ("Firefox on Windows", "Firefox sous Windows")
    assert "Edge" in program_of("Mozilla/5.0 (Macintosh; Mac OS X 10_15) Chrome/130 Safari/537 Edg/130")
    assert program_of("curl/8") == program_of("")


def test_every_new_second_factor_key_is_random(member):
    keys = set()
    for _number in range(3):
        methods.add_app(member, "x", methods.new_secret(), 0)
        member.refresh_from_db()
        keys.add(member.second_factor_key)
    assert len(keys) == 3
