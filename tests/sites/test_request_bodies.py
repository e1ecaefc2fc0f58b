"""The limit of the body of each URL, from the URL configuration, and the URLs that take files."""

import asyncio
import inspect
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django import forms
from django.conf import settings as configured
from django.contrib.contenttypes.models import ContentType
from django.urls import Resolver404, URLPattern, get_resolver, resolve, reverse
from wagtail.models import UploadedFile

from cms.asgi import application
from sites.admin.access_control.url_table import ACCESS_BY_URL_NAME, Access
from sites.rate_limits.admin_limits import COSTLY_URL_NAMES
from sites.request_bodies.upload_urls import UPLOAD_URLS, body_limit
from tests.factories.departments import make_department
from tests.factories.media import ConsentFactory, DocumentFactory, ImageFactory, VideoFactory
from tests.factories.users import make_user
from tests.hardening.url_paths import url_paths

pytestmark = pytest.mark.django_db

# Requests to these end the session, or fail on purpose.
NOT_REQUESTED = {"/admin/logout/", "/admin/error_test/"}
# Bases of Wagtail that read no file themselves: they pass all files on to a form.
# Parts of the names of lists, deletions and answers to scripts, which have no form with a file.
WITHOUT_FORM = (
    "_results",
    "history",
    "usage",
    "_reports",
    "delete",
    "_api",
    "chosen",
    "security",
    "revisions",
    "index",
)
READS_A_FILE = re.compile(r"FILES\[|FILES\.get")


class Unread:
    """A body that must not be read."""

    def read(self, *args):
        raise AssertionError("the body is read")

    readline = read


def send(client, path, length):
    body = {"CONTENT_LENGTH": str(length), "wsgi.input": Unread()}
    return client.post(path, {}, headers={"accept": "text/html"}, **body)


def patterns(resolver, namespaces=()):
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            yield ":".join([*namespaces, each.name or ""]), each.callback
        else:
            yield from patterns(each, (*namespaces, *filter(None, [each.namespace])))


def name_of(path):
    """Return the name of the URL of a path; None for an invented path without a URL, whose body nobody reads."""
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def source_of(view):
    """Return the code of a view; that of its class with all bases."""
    view_class = getattr(view, "view_class", None)
    sources = []
    for part in view_class.__mro__ if view_class else [inspect.unwrap(view)]:
        with suppress(OSError, TypeError):  # Classes that a viewset makes, and builtin ones, have no code.
            sources.append(inspect.getsource(part))
    return "\n".join(sources)


@pytest.mark.parametrize("is_member", [False, True])
def test_no_url_reads_a_body_beyond_its_limit(client, is_member):
    if is_member:
        client.force_login(make_user("root", is_superuser=True))
    wrong = {}
    paths = [*url_paths(), "/allier/", "/no/such/page/"]
    for path in paths:
        name = name_of(path)
        limit = body_limit(name or "") if is_member else configured.DATA_UPLOAD_MAX_MEMORY_SIZE
        status = send(client, path, limit + 1).status_code
        if status not in ((301, 404) if name is None else (413,)):
            wrong[path] = status
    assert len(paths) > 300
    assert wrong == {}


def test_only_the_urls_of_uploads_take_more_than_a_form():
    for name in UPLOAD_URLS:
        assert (body_limit(name) > body_limit("")) is (name != "wagtailredirects:start_import"), name
    assert body_limit("wagtailadmin_pages:edit") == configured.FORM_BODY_MAX_BYTES < 5_000_000


def test_the_answer_is_a_page_or_a_problem_document(client):
    response = send(client, reverse("wagtailadmin_login"), 10_000_000)
    assert "<h1" in response.content.decode()
    assert "Retry-After" not in response
    body = {"CONTENT_LENGTH": "10000000", "wsgi.input": Unread()}
    response = client.post("/api/v1/search/", {}, **body)
    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert response.json()["detail"].endswith("97.7 KB.")
    response = client.generic("POST", "/api/v1/search/", content_type="text/plain", **body)
    assert response.json()["detail"].endswith("2.5 MB.")


def test_parts_of_a_multipart_body_cost_visitors_no_time(client):
    """The headers of these parts take Python three seconds of CPU."""
    header = "Content-Disposition: form-data; name=a" + ";" * 950
    body = "".join(f"--x\r\n{header}\r\n\r\na\r\n" for _number in range(2_400)) + "--x--\r\n"
    start = time.process_time()
    response = client.generic("POST", reverse("wagtailadmin_login"), body, "multipart/form-data; boundary=x")
    assert response.status_code == 413
    assert time.process_time() - start < 1


@pytest.mark.embedded
def test_every_url_that_takes_a_file_is_declared(client, monkeypatch):
    """Requests every screen and records the forms with a file field; reads the code of views without a form."""
    collection = make_department("allier", code="03").collection
    root = make_user("root", is_superuser=True)
    for factory in (ImageFactory, DocumentFactory, VideoFactory, ConsentFactory):
        row = factory(pk=1, collection=collection)
        model = ContentType.objects.get_for_model(type(row))
    UploadedFile.objects.create(pk=1, for_content_type=model, uploaded_by_user=root)
    client.force_login(root)
    client.raise_request_exception = False
    found, current = set(), []
    original = forms.BaseForm.__init__

    def record(form, *args, **kwargs):
        original(form, *args, **kwargs)
        if any(isinstance(field, forms.FileField) for field in form.fields.values()):
            found.add(current[-1])

    monkeypatch.setattr(forms.BaseForm, "__init__", record)
    for path in url_paths():
        if path.startswith("/admin/") and path not in NOT_REQUESTED:
            variant = path.replace("/text/", "/1/")
            current.append(name_of(variant) or "")
            if any(part in current[-1] for part in WITHOUT_FORM):
                continue
            response = client.get(variant)
            if response.streaming:
                b"".join(response.streaming_content)  # closes the file
    for name, view in patterns(get_resolver()):
        if READS_A_FILE.search(source_of(view)) and ACCESS_BY_URL_NAME.get(name) is not Access.REPLACED:
            found.add(name)
    assert len(found) > 10
    # The choosers show the form of a new image or document, and the lists of them; another URL receives it.
    shown_only = {name for name in found if name.endswith(("_chooser:choose", "_chooser:choose_results"))}
    assert found - shown_only == set(UPLOAD_URLS)
    assert set(UPLOAD_URLS) <= COSTLY_URL_NAMES


# --- ASGI ---------------------------------------------------------------------------------------------------

CHUNK = 1 << 20


@pytest.fixture
def stored_bytes(monkeypatch):
    """The sizes of the pieces of bodies that Django stores."""
    written = []

    class RecordedFile(tempfile.SpooledTemporaryFile):
        def write(self, data):
            written.append(len(data))
            return super().write(data)

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", RecordedFile)
    return written


def status_under_asgi(path, length, is_declared):
    """Send a body of so many bytes; return the status of the answer."""
    sent, status = [], []

    async def receive():
        if len(sent) * CHUNK >= length:
            await asyncio.sleep(60)  # The client waits for the answer.
        sent.append(CHUNK)
        return {"type": "http.request", "body": bytes(CHUNK), "more_body": len(sent) * CHUNK < length}

    async def send(message):
        if message["type"] == "http.response.start":
            status.append(message["status"])

    headers = [(b"host", b"testserver"), (b"content-type", b"application/octet-stream")]
    headers += [(b"content-length", str(length).encode())] if is_declared else []
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    # In a thread of its own: the browser tests leave an event loop in that of the tests.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, application(scope, receive, send)).result(60)
    return status


@pytest.mark.django_db(transaction=True)
@pytest.mark.embedded
@pytest.mark.parametrize("is_declared", [True, False])
@pytest.mark.parametrize("name", ["wagtailadmin_login", "wagtailimages:add", None])
def test_under_asgi_no_body_beyond_the_limit_is_stored(stored_bytes, name, is_declared):
    path = reverse(name) if name else "/allier/page/"
    assert status_under_asgi(path, 40 * CHUNK, is_declared) == [413]
    assert sum(stored_bytes) <= (0 if is_declared else body_limit(name or ""))


@pytest.mark.django_db(transaction=True)
@pytest.mark.embedded
def test_under_asgi_a_short_body_arrives(stored_bytes):
    assert status_under_asgi(reverse("wagtailadmin_login"), 2 * CHUNK, is_declared=True) == [403]  # without a token
    assert sum(stored_bytes) == 2 * CHUNK
