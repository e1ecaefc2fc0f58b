"""A browser in which an account was logged in: strangers who lock the account do not lock it there."""

import pytest
from django.test import Client
from django.urls import reverse

from sites.rate_limits.known_device import COOKIE
from tests.factories.users import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


def log_in(client, password, name="camille"):
    return client.post(reverse("wagtailadmin_login"), {"username": name, "password": password}).status_code


@pytest.fixture
def camille(rate_limits):
    return make_user("camille", is_superuser=True)


@pytest.fixture
def browser(camille, commits):
    """The browser of camille, who has logged out."""
    browser = Client()
    with commits():
        assert log_in(browser, PASSWORD) == 302
    browser.post(reverse("wagtailadmin_logout"))
    return browser


def lock(name="camille"):
    stranger = Client()
    answers = [log_in(stranger, "wrong", name) for _attempt in range(11)]
    assert answers[-1] == 429


def test_strangers_do_not_lock_an_account_in_a_known_browser(browser, camille, commits):
    for name in ("camille", "CAMILLE ", camille.email):
        assert log_in(browser, "wrong", name) == 200
    for name in ("camille", camille.email):
        lock(name)
        assert log_in(Client(), PASSWORD, name.upper()) == 429
        assert log_in(browser, "wrong", name.upper()) == 200
    with commits():
        assert log_in(browser, PASSWORD) == 302


def test_a_known_browser_has_ten_attempts_of_its_own(browser, commits):
    assert [log_in(browser, "wrong") for _attempt in range(12)] == [200] * 10 + [429] * 2
    # A copy of the cookie has the same count, and the count of strangers is another one.
    thief = Client()
    thief.cookies[COOKIE] = browser.cookies[COOKIE].value
    assert log_in(thief, PASSWORD) == 429
    assert log_in(Client(), "wrong") == 200


def test_a_login_in_a_known_browser_gives_strangers_no_new_attempts(browser, commits):
    lock()
    with commits():
        assert log_in(browser, PASSWORD) == 302
    assert log_in(Client(), PASSWORD) == 429


@pytest.mark.parametrize("change", ["forged", "of another account", "expired", "cut"])
def test_another_cookie_counts_as_none(browser, change, commits, monkeypatch):
    value = browser.cookies[COOKIE].value
    if change == "of another account":
        make_user("autre", is_superuser=True)
        browser.cookies.clear()
        with commits():
            log_in(browser, PASSWORD, "autre")
    elif change == "expired":
        monkeypatch.setattr("sites.rate_limits.known_device.COOKIE_SECONDS", -1)
    else:
        browser.cookies[COOKIE] = value[:-3] if change == "cut" else "x" + value
    lock()
    assert log_in(browser, PASSWORD) == 429


def test_the_cookie_names_nobody_and_wrong_passwords_set_none(browser, camille):
    value = browser.cookies[COOKIE].value
    assert "camille" not in value
    stranger = Client()
    log_in(stranger, "wrong")
    assert COOKIE not in stranger.cookies
