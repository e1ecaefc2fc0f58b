"""No charset that a request names is used: text is UTF-8, and a body in another charset is refused."""

import asyncio
import encodings
import pkgutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.urls import reverse

from cms.asgi import application
from tests.hardening.url_paths import url_paths

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

CHARSETS = sorted({module.name for module in pkgutil.iter_modules(encodings.__path__)} | {"no-charset"})
# Parameters with a charset of their own, a NUL, and a charset that Python does not know (RFC 2231).
ENCODED_PARAMETERS = ("a*=punycode''%ff", "charset*=utf-8''%00", "a*=nothing''x", "charset*=hex''utf-8")
BOUNDARY = "limit"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
FORM = "application/x-www-form-urlencoded"


def multipart(value):
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="email"\r\n\r\n{value}\r\n--{BOUNDARY}--\r\n'.encode()


def parameters():
    return [*(f"charset={name}" for name in CHARSETS), *ENCODED_PARAMETERS]


def test_a_query_string_is_utf8_whatever_charset_is_named(client):
    for parameter in parameters():
        response = client.get("/search/?q=%C3%A9t%C3%A9-%ff", headers={"content-type": f"text/plain; {parameter}"})
        assert response.status_code == 200, parameter
        assert response.wsgi_request.GET["q"].startswith("été-"), parameter


def test_no_url_fails_for_a_charset(client):
    client.raise_request_exception = False
    for path in [*url_paths(), "/no/such/page/"]:
        for parameter in ("charset=hex", "charset=undefined", ENCODED_PARAMETERS[0]):
            assert client.get(path, headers={"content-type": f"text/plain; {parameter}"}).status_code < 500, path
            assert client.generic("POST", path, b"a=1", f"{FORM}; {parameter}").status_code < 500, path


@pytest.mark.parametrize("content_type", [FORM, MULTIPART, "application/json"])
def test_a_body_in_another_charset_is_refused_in_every_form(client, content_type):
    client.raise_request_exception = False
    body = multipart("a@example.org") if content_type == MULTIPART else b"email=a"
    for parameter in parameters():
        response = client.generic("POST", reverse("wagtailadmin_login"), body, f"{content_type}; {parameter}")
        assert response.status_code == 415, parameter
        assert "Content-Security-Policy" in response


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
@pytest.mark.parametrize("content_type", [FORM, MULTIPART])
def test_a_form_may_name_utf8(client, content_type, charset):
    body = multipart("été@example.org") if content_type == MULTIPART else b"email=%C3%A9t%C3%A9@example.org"
    url = reverse("wagtailadmin_password_reset")
    response = client.generic("POST", url, body, f"{content_type}; charset={charset}")
    assert response.wsgi_request.POST["email"] == "été@example.org"
    assert response.status_code in (200, 302)


def test_no_charset_makes_a_request_expensive(client):
    """Python decodes a text of 400 kB as punycode in 15 seconds."""
    for length, status in ((40_000, 415), (200_000, 413)):
        body = multipart("x" * length + "-" + "a" * length)
        start = time.process_time()
        response = client.generic("POST", reverse("wagtailadmin_login"), body, f"{MULTIPART}; charset=punycode")
        assert response.status_code == status
        assert time.process_time() - start < 5


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_content_type_makes_a_request_expensive(client, method):
    """Python parses the parameters of this header of 200 kB in more than half a minute."""
    start = time.process_time()
    client.generic(method, "/", b"a=1", 'a/b;x="' + ";" * 200_000)
    assert time.process_time() - start < 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("parameter", ["charset=hex", "charset=punycode", "a*=nothing''x"])
def test_under_asgi_a_charset_makes_no_request_fail(parameter):
    async def receive():
        if received:
            await asyncio.sleep(60)  # The client waits for the answer.
        received.append(b"a=1")
        return {"type": "http.request", "body": b"a=1", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            status.append(message["status"])

    received, status = [], []
    headers = {"host": "testserver", "content-length": "3", "content-type": f"{FORM}; {parameter}"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": reverse("wagtailadmin_login"),
        "query_string": b"next=/%ff",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, application(scope, receive, send)).result(60)
    assert status == [415]
