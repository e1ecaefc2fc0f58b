"""Requests that pages of other sites make a browser send use up no limit of its user or of others at the address."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from limits.strategies import MovingWindowRateLimiter

from cms.settings.default_rate_limits import DEFAULT_RATE_LIMITS
from cms.users.single_sign_on.provider import LOGGED_IN_SINCE
from sites.rate_limits.limiter import RateLimitExceeded, consume_for_client, require_remaining_for_client
from sites.rate_limits.other_sites import is_sent_by_other_site
from tests.factories.users import make_user
from tests.hardening.url_paths import url_paths

OTHER = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Origin": "https://attacker.example"}
# Headers of a program that claims to be a page of another site, but has a token.
CLAIMED = {"Sec-Fetch-Site": "cross-site"}
CLAIMS = [CLAIMED, {"Origin": "null"}]
OWN = {"Sec-Fetch-Site": "same-origin"}
# Requests to these end the session, or fail on purpose.
NOT_REQUESTED = {"/admin/logout/", "/admin/error_test/"}
PATHS = sorted(path for path in url_paths() if path not in NOT_REQUESTED)
PROVIDER: dict[str, Any] = {
    "issuer": "http://127.0.0.1:1", "name": "Provider", "client_id": "cms", "client_secret": "a secret",
    "scope": "openid", "acr_values": [], "max_age": None, "second_factor_acr": [], "confirms_addresses": False,
}  # fmt: skip
PARAMETERS = {"q": "aide", "export": "csv"}


@pytest.fixture
def counted(rate_limits, monkeypatch):
    """Return the set of (rule, hash of the key) under which attempts are counted."""
    found = set()
    hit = MovingWindowRateLimiter.hit

    def recorded(counter, item, *identifiers):
        found.add(identifiers)
        return hit(counter, item, *identifiers)

    monkeypatch.setattr(MovingWindowRateLimiter, "hit", recorded)
    return found


def send_everything(client, headers):
    """Send GET and a form without token to every URL."""
    client.raise_request_exception = False
    for path in PATHS:
        client.get(path, PARAMETERS, headers=headers)
        client.post(path, {"username": "camille"}, headers=headers)


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize(
    ("is_member", "rules"),
    [
        (True, {"admin_search.account", "admin_export.account", "admin_preview.account", "search.client"}),
        (False, {"form.client", "token.client", "search.client", "completion.client", "sign_on.client"}),
    ],
    ids=["with a session", "without"],
)
def test_no_url_counts_a_request_of_another_site_as_one_of_this_site(counted, settings, is_member, rules):
    settings.OIDC = PROVIDER
    client = Client(enforce_csrf_checks=True)
    if is_member:
        client.force_login(make_user("root", is_superuser=True))
    send_everything(client, OTHER)
    of_other_sites = set(counted)
    counted.clear()
    send_everything(client, OWN)
    for found in (of_other_sites, counted):
        assert {identifiers[0] for identifiers in found} >= rules
    assert of_other_sites & counted == set()


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize("headers", [OTHER, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_hostile_page_keeps_nobody_from_forms_links_and_apis(rate_limits, settings, headers):
    settings.ROOT_URLCONF = "tests.api.v3_urls"
    rate_limits |= {"form.client": "2/hour", "token.client": "2/hour"}
    rate_limits["credentials.client"] = "2/hour"
    visitor, login = Client(enforce_csrf_checks=True), reverse("wagtailadmin_login")
    link = reverse("invitation_link", args=["a" * 43])
    answers = [visitor.post(login, headers=headers).status_code for _attempt in range(4)]
    assert answers == [403, 403, 429, 429]
    assert [visitor.get(link, headers=headers).status_code for _attempt in range(4)][2:] == [429, 429]
    for _attempt in range(4):
        visitor.get("/api/v3/pages/", headers=headers)
    assert visitor.post(login).status_code == 403
    assert visitor.get(link).status_code != 429
    assert visitor.get("/api/v3/pages/").status_code != 429


@pytest.mark.django_db
def test_a_program_gets_no_second_count_of_passwords_by_its_headers(rate_limits):
    rate_limits["login.account"] = "2/hour"
    visitor, login = Client(enforce_csrf_checks=True), reverse("wagtailadmin_login")
    visitor.get(login)
    form = {
        "username": "camille",
        "password": "x",
        "csrfmiddlewaretoken": visitor.cookies[settings.CSRF_COOKIE_NAME].value,
    }
    answers = [visitor.post(login, form, headers=headers).status_code for headers in (OWN, OWN, CLAIMED)]
    assert answers == [200, 200, 429]


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("headers", CLAIMS)
@pytest.mark.parametrize("rule", DEFAULT_RATE_LIMITS)
@pytest.mark.django_db
def test_every_rule_ends_for_a_program_that_claims_to_be_another_site(rate_limits, rf, rule, headers, is_own):
    """The check without an attempt sees the attempts that were counted, under whichever key."""
    rate_limits[rule] = "2/hour"
    request = rf.post("/", headers=headers)
    for _attempt in range(2):
        require_remaining_for_client(rule, request, "a key", is_own=is_own)
        consume_for_client(rule, request, "a key", is_own=is_own)
    for refuse in (require_remaining_for_client, consume_for_client):
        with pytest.raises(RateLimitExceeded):
            refuse(rule, request, "a key", is_own=is_own)


@pytest.mark.django_db
@pytest.mark.embedded
@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize(
    ("rule", "url", "is_form"),
    [
        ("credentials.client", "/api/v3/pages/", False),
        ("token.client", "/admin/invitation/" + "a" * 43 + "/", False),
        ("search.client", "/api/v1/search/?q=aide", False),
        ("completion.client", "/api/v1/search/suggest/?q=aide", False),
        ("sitemap.client", "/sitemap.xml", False),
        ("sign_on.client", "/admin/sign-on/return/", False),
        ("form.client", "/admin/login/", True),
    ],
)
def test_every_url_without_a_login_refuses_a_program_that_claims(
    client, rate_limits, settings, claim, rule, url, is_form
):
    settings.ROOT_URLCONF = "tests.api.v3_urls"
    settings.OIDC = PROVIDER
    client.raise_request_exception = False
    rate_limits[rule] = "2/hour"
    headers = {"Authorization": "Bearer wrong"} | claim
    send = client.post if is_form else client.get
    answers = [send(url, headers=headers).status_code for _attempt in range(4)]
    assert 429 not in answers[:2]
    assert answers[2:] == [429, 429]


@pytest.mark.django_db
def test_credentials_in_a_header_have_one_count_whatever_a_program_claims(client, rate_limits, settings):
    settings.ROOT_URLCONF = "tests.api.v3_urls"
    rate_limits["credentials.client"] = "3/hour"
    wrong = {"Authorization": "Bearer wrong"}
    answers = [client.get("/api/v3/pages/", headers=wrong | claim).status_code for claim in (*CLAIMS, {}, *CLAIMS, {})]
    assert answers == [401, 401, 401, 429, 429, 429]


@pytest.mark.django_db
@pytest.mark.embedded
def test_a_hostile_page_keeps_nobody_from_the_return_of_the_provider(rate_limits, settings):
    settings.OIDC = PROVIDER
    rate_limits["sign_on.client"] = "2/hour"
    url = reverse("single_sign_on_return")
    assert [Client().get(url, headers=OTHER).status_code for _attempt in range(3)] == [302, 302, 429]
    visitor = Client()
    session = visitor.session
    session[LOGGED_IN_SINCE] = None
    session.save()
    assert visitor.get(url, headers=OTHER).status_code == 302


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, False),
        ({"Origin": "http://testserver"}, False),
        ({"Origin": "http://testserver:8443"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://attacker.example"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}, False),
    ],
)
def test_browsers_say_which_page_sends_a_request(rf, headers, expected):
    assert is_sent_by_other_site(rf.get("/", headers=headers)) is expected
    is_link = "Sec-Fetch-User" in headers
    assert is_sent_by_other_site(rf.post("/", headers=headers)) is (expected or is_link)
