"""No header, cookie or body makes a URL fail, whatever a program sends: broken forms, cookies of others, odd ranges."""

import pytest
from django.conf import settings
from django.core.handlers import wsgi

from tests.isolation.conftest import committed_fixture_data, fixture_data, uninstrumented_templates
from tests.isolation.fixture_data import make_actor
from tests.isolation.public import public_targets
from tests.isolation.targets import ENDS_SESSION, admin_targets

from .broken_bodies import BODIES
from .lookups import RecordedLookups
from .request_sender import Sender, faults_of

__all__ = ["committed_fixture_data", "fixture_data", "uninstrumented_templates"]

pytestmark = pytest.mark.embedded

# Fails on purpose, for developers.
FAILING = {"wagtailadmin_error_test"}
# Each URL gets other values, and this number of bodies.
BODIES_OF_A_URL = 2
HEADERS = (
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers",
    "Access-Control-Request-Method", "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language",
    "Date", "Expect", "Forwarded", "From", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range",
    "If-Unmodified-Since", "Last-Event-ID", "Origin", "Prefer", "Range", "Referer", "Sec-Fetch-Dest",
    "Sec-Fetch-Mode", "Sec-Fetch-Site", "TE", "Upgrade", "User-Agent", "Via", "X-CSRFToken", "X-Forwarded-For",
    "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Original-URL",
    "X-Real-IP", "X-Requested-With",
)  # fmt: skip
# Servers pass each byte of a header as a Latin-1 character, without line breaks.
VALUES = (
    "", " ", "x", "*", "*/*;q=x", "application/json;q=", ";;;", ",,,", '"', 'W/"', '"a", W/"b', "é", "\xff\xfe", "\x7f",
    "x" * 5000, "9" * 5000, "-1", "bytes=-1", "bytes=5-1", "bytes=99999999999999999999-", "bytes=0-0,1-1,x",
    "Thu, 99 Foo 2026 99:99:99 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "http://[",
    "http://[::1", "null", "javascript:alert(1)", "gzip;q=1e400, identity;q=NaN", "xx-" * 200, "fr;q=0.5;q=x,*",
    "1.2.3.4, [::1]:x, unknown", "for=\"[", "XMLHttpRequest", "Basic ====", "Bearer \xe9", "a=b; a=c; ;=;\"",
)  # fmt: skip
COOKIES = (
    "", "x", '"', '"\\400"', '"\\', "é", "\xff", "x" * 4000, "9" * 4000, "-1", "1:2:3", ".eJw:x:y", ":", "::", "null",
    "[", '[["__json_message",0,99,"x"]]', "{}", "a.b.c", "%00", "%", "..", "../../etc/passwd", "fr", "999999999",
)  # fmt: skip


class RecordingCookies(RecordedLookups, dict):
    """The cookies of a request. It remembers the names that are looked up."""


@pytest.fixture
def recorded_cookies(monkeypatch):
    """Return the names of the cookies that the requests of the test look up."""
    parse = wsgi.parse_cookie
    monkeypatch.setattr(wsgi, "parse_cookie", lambda text: RecordingCookies(parse(text)))
    RecordingCookies.looked_up.clear()
    return RecordingCookies.looked_up


def odd_request(cookies, number):
    """Return odd headers and cookies, other ones for each number; a cookie has a name such as `cookie csrftoken`."""
    headers = {name: VALUES[(index * 5 + number * 11) % len(VALUES)] for index, name in enumerate(HEADERS)}
    return headers | {
        f"cookie {name}": COOKIES[(index * 3 + number * 7) % len(COOKIES)] for index, name in enumerate(sorted(cookies))
    }


def header_values(odd, session):
    """Return the headers of a request: cookies are one header, which keeps the session."""
    cookies = {name.removeprefix("cookie "): value for name, value in odd.items() if name.startswith("cookie ")}
    cookies |= {settings.SESSION_COOKIE_NAME: session} if session else {}
    headers = {name: value for name, value in odd.items() if not name.startswith("cookie ")}
    return headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def examine_headers(sender, targets, cookies, session=""):
    """Send odd headers and cookies to each target, with GET and POST; return the faults."""
    found = []
    for position, target in enumerate(targets):
        for method in ("GET", "POST"):

            def fault_of(odd, method=method, target=target):
                headers = header_values(odd, session) | {"host": target.host}
                return sender.send(method, target.url, headers=headers).fault

            odd = odd_request(cookies, position)
            found += [f"{method} {target.endpoint.name}: {fault}" for fault in faults_of(fault_of, odd)]
    return found


def distinct(targets):
    """Return the first target of each URL name and host; the others differ in their parameters only."""
    found = {}
    for target in targets:
        if target.endpoint.name not in ENDS_SESSION | FAILING:
            found.setdefault((target.endpoint.name, target.host), target)
    return list(found.values())


def cookies_of(client, targets, looked_up):
    """Return the names of the cookies that these targets look up, without that of the session."""
    for target in targets:
        response = client.get(target.url, headers={"host": target.host})
        if response.streaming:
            b"".join(response)
    return looked_up - {settings.SESSION_COOKIE_NAME}


def test_no_header_or_cookie_makes_the_admin_fail(client, fixture_data, recorded_cookies, uninstrumented_templates):
    client.force_login(make_actor("administrator"))
    sender, targets = Sender(client), distinct(admin_targets(fixture_data, "own"))
    cookies = cookies_of(client, targets, recorded_cookies)
    assert cookies >= {settings.CSRF_COOKIE_NAME, "messages"}
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    found = examine_headers(sender, targets, cookies, session)
    assert not found, "\n".join(found)
    assert sender.requests > 500


def test_no_header_or_cookie_makes_a_url_fail_for_visitors(
    client, fixture_data, recorded_cookies, search_index, uninstrumented_templates
):
    search_index()
    sender = Sender(client)
    public = distinct(public_targets(fixture_data, "own"))
    admin = [target for target in distinct(admin_targets(fixture_data, "own")) if "account" in target.url]
    cookies = cookies_of(client, [*public, *admin], recorded_cookies) | {settings.SESSION_COOKIE_NAME}
    found = examine_headers(sender, [*public, *admin], cookies)
    assert not found, "\n".join(found)


def examine_bodies(sender, targets, number=BODIES_OF_A_URL):
    """Send broken bodies to each target; return the faults."""
    found, names = [], list(BODIES)
    for position, target in enumerate(targets):
        for each in range(min(number, len(names))):
            name = names[(position * number + each) % len(names)]
            content_type, body = BODIES[name]
            options = {"data": body, "content_type": content_type, "headers": {"host": target.host}}
            if fault := sender.send("POST", target.url, **options).fault:
                found.append(f"{target.endpoint.name}, {name}: {fault}")
    return found


def test_no_broken_body_makes_the_admin_fail(client, fixture_data, uninstrumented_templates):
    client.force_login(make_actor("administrator"))
    sender, targets = Sender(client), distinct(admin_targets(fixture_data, "own"))
    forms = ("wagtailadmin_pages:edit", "wagtailimages:add", "wagtailadmin_account", "wagtailadmin_api:pages:action")
    found = examine_bodies(sender, [each for each in targets if each.endpoint.name in forms], len(BODIES))
    found += examine_bodies(sender, targets)
    assert not found, "\n".join(found)
    assert sender.requests > 500


def test_no_broken_body_makes_a_url_fail_for_visitors(client, fixture_data, search_index, uninstrumented_templates):
    search_index()
    sender = Sender(client)
    public = distinct(public_targets(fixture_data, "own"))
    open_forms = ("wagtailadmin_login", "wagtailadmin_password_reset", "invitation", "single_sign_on_start")
    forms = [each for each in admin_targets(fixture_data, "own") if each.endpoint.name in open_forms]
    assert len(forms) >= 3
    found = examine_bodies(sender, [*public, *forms], len(BODIES))
    assert not found, "\n".join(found)
