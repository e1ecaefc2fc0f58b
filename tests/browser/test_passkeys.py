"""Tests of the second factor in Chromium: a passkey of a virtual authenticator, and the login through a provider."""

import re

import pytest
from playwright.sync_api import expect

from cms.users.models import Passkey
from tests.users.conftest import oidc, provider_url  # noqa: F401 (fixtures)

from .conftest import PASSWORD, USERNAME

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def authenticator(page):
    """A virtual authenticator with user verification (Chrome DevTools Protocol)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def log_in(page, url):
    page.goto(f"{url}/admin/")
    page.locator("#id_username").fill(USERNAME)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="S’identifier", exact=True).click()


def test_a_required_passkey_is_enrolled_and_opens_the_next_session(page, publisher, department, site, authenticator):
    department.requires_second_factor = True
    department.save()
    log_in(page, site)
    page.wait_for_url(re.compile("/admin/account/security/"))
    page.locator("form[data-passkey=create] button").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.locator("main a.button").click()
    page.wait_for_url(f"{site}/admin/")
    passkey = Passkey.objects.get()
    assert passkey.host == "allier.localhost"

    page.context.clear_cookies()
    log_in(page, site)
    page.wait_for_url(re.compile("/admin/account/security/verify/"))
    page.locator("form[data-passkey=get] button").click()
    page.wait_for_url(f"{site}/admin/")
    passkey.refresh_from_db()
    assert passkey.last_used_at


def test_a_passkey_of_another_authenticator_is_not_accepted(page, publisher, department, site, authenticator):
    department.requires_second_factor = True
    department.save()
    log_in(page, site)
    page.wait_for_url(re.compile("/admin/account/security/"))
    page.locator("form[data-passkey=create] button").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    # The signature of another key for the same passkey.
    other = Passkey.objects.get()
    data = bytearray(other.credential_data)
    data[-1] ^= 1
    Passkey.objects.update(credential_data=bytes(data))

    page.context.clear_cookies()
    log_in(page, site)
    page.wait_for_url(re.compile("/admin/account/security/verify/"))
    page.locator("form[data-passkey=get] button").click()
    expect(page.locator("main .messages li.error")).to_have_count(1)
    page.goto(f"{site}/admin/pages/")
    assert "/verify/" in page.url


def test_the_login_leads_to_the_provider_and_back(browser, live_server, publisher, oidc, provider_url):  # noqa: F811
    oidc("sub-browser", email=publisher.email, email_verified=True)
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    log_in(page, live_server.url)
    page.wait_for_url(f"{live_server.url}/admin/")
    page.goto(f"{live_server.url}/admin/account/security/")
    page.locator("form[action$='/sign-on/'] button").click()
    page.wait_for_url(re.compile(re.escape(provider_url)))
    page.locator("input[name=sub]").fill("sub-browser")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{live_server.url}/admin/account/security/")

    context.clear_cookies()
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("form[action$='/sign-on/'] button").click()
    page.locator("input[name=sub]").fill("sub-browser")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url(f"{live_server.url}/admin/")
    context.close()
