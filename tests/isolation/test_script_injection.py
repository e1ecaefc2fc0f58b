"""No response runs a script that a text of the database contains: of any model, field and block."""

import json

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.urls import reverse

from cms.delivery.models import Placement
from cms.media.models import VideoCaption
from search.models import SearchedWords
from sites.models import Sharing
from tests.contracts.samples import publish_samples
from tests.factories.media import WEBVTT
from tests.factories.users import make_user

from .script_payloads import LONG, RUN, dangers, dangers_of_data, inject, payload, republish
from .targets import admin_targets

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


# No row of the fixture data has them: they are shown by the API only, or not at all.
NOT_SHOWN = {
    "cms_media.FileProblem.reason",
    "cms_search.ConceptLabel.preferred",
    "cms_search.FileText.text",
    "cms_search.FileText.problem",
    "cms_search.IndexCursor.lost_languages",
    "cms_search.IndexCursor.rebuild_reason",
    "cms_search.UnindexedDocument.error",
    "cms_search.UnindexedDocument.locale",
    "users.AccountSession.user_agent",
    "users.AuthenticatorApp.name",
    "users.Passkey.name",
    "wagtailcore.CommentReply.text",
    "wagtail_localize.StringTranslation.data",
}


def dangers_of(response):
    """Return what would run in a response; files and other data are not HTML."""
    if response.streaming:
        response.close()
        return []
    text = response.content.decode(errors="replace")
    match response.headers.get("Content-Type", "").partition(";")[0]:
        case "text/html":
            return dangers(text)
        case "application/json" | "application/problem+json":
            return dangers_of_data(json.loads(text))
    return []


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LONG}</p>",
        f'<p title="{LONG}">',
        f"<p title='{LONG}'>",
        f"<script>var x = '{LONG}'</script>",
        f"<script>var x = '{RUN}'</script>",
        f"<!-- {LONG} -->",
        f"<textarea>{LONG}</textarea>",
        f"<title>{LONG}</title>",
        f"<p>{payload(50)}</p>",
        f"<p>{payload(10)}</p>",
        f'<a href="java\nscript:{RUN}()">a</a>',
        f"<div data-x='{json.dumps(['<b onclick=' + RUN + '()>'])}'></div>",
    ],
)
def test_what_would_run_is_found(html):
    assert dangers(html)


def test_escaped_texts_are_harmless():
    escaped = LONG.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").replace("'", "&#x27;")
    data = json.dumps({"title": LONG}).replace("<", "\\u003C")
    html = f"<title>{escaped}</title><p title='{escaped}'>{escaped}</p><script type=application/json>{data}</script>"
    assert dangers(html) == []


@pytest.fixture
def samples(commits, search_index):
    """Publish a page of every type with all its fields, then put a script into every text."""
    with commits():
        pages = publish_samples()
    empty = inject()
    republish()
    with commits():
        call_command("rebuild_documents", verbosity=0)
    search_index()
    return pages, empty


def test_public_pages_and_apis_run_no_script(client, samples):
    shown = 0
    placements = Placement.objects.select_related("department__site", "document")
    requests = [(placement.department.site.hostname, placement.path) for placement in placements]
    assert len(requests) > 9
    hosts = sorted({host for host, _path in requests})
    paths = ["/", "/search/", "/search/?q=zq", "/search/?q=zq&everywhere=1", "/api/v1/", "/api/v1/departments/"]
    paths += ["/api/v1/contents/", "/api/v1/search/?q=zq&highlight=true", "/api/v1/search/suggest/?q=zq"]
    paths += [f"/api/v2/{name}/?fields=*" for name in ("pages", "images", "documents")]
    paths += [f"/fr/{payload(30)}/", f"/search/?q={LONG}"]
    requests += [(host, path) for host in (*hosts, "testserver") for path in paths]
    for host, path in requests:
        response = client.get(path, headers={"host": host})
        assert response.status_code in (200, 302, 404), (host, path)
        assert dangers_of(response) == [], (host, path)
        shown += b"zqrun" in response.content
    assert shown > 50


def test_contacts_of_sharing_are_shown_as_text(client, samples):
    pages, _empty = samples
    placement = Placement.objects.get(document__page_id=pages["event"].pk, is_canonical=False)
    response = client.get(placement.path, headers={"host": placement.department.site.hostname})
    contact = BeautifulSoup(response.content.decode(), "lxml").select_one(".colophon .contact").get_text()
    sharing = Sharing.objects.get(department=placement.department)
    for text in (sharing.contact_name, sharing.contact_role, sharing.contact_email, sharing.contact_phone):
        assert text in contact


def test_captions_run_no_script(client, samples, admin_user):
    """A browser shows captions as text tracks; opened as a page they are text that no browser takes for HTML."""
    caption = VideoCaption.objects.filter(video__file__gt="").first()
    content = WEBVTT + f"\n00:04.000 --> 00:06.000\n{LONG}<script>{RUN}()</script>\n"
    caption.file.save("script.vtt", ContentFile(content.encode()))
    client.force_login(admin_user)  # No document shows the new file, so the public does not get it.
    response = client.get(caption.file.url)
    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == "text/vtt"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert RUN in b"".join(response).decode()


def test_edit_screens_of_every_type_run_no_script(client, samples):
    pages, empty = samples
    assert {name for name in empty - NOT_SHOWN if name.startswith(("pages.", "cms_media."))} == set()
    client.force_login(make_user("root", is_superuser=True))
    for name, page in pages.items():
        for url_name in ("edit", "view_draft", "history", "usage", "delete", "copy"):
            response = client.get(reverse(f"wagtailadmin_pages:{url_name}", args=[page.pk]))
            assert response.status_code in (200, 302), (name, url_name)
            assert dangers_of(response) == [], (name, url_name)


def test_no_screen_of_the_admin_runs_a_script(client, fixture_data):
    """Every URL of the admin, with objects of a department whose every text is a script."""
    SearchedWords.objects.create(search_key="x", day="2026-01-01", words="x", language="fr", times=1, hits=0)
    root = make_user("root", is_superuser=True)
    # The test of the edit screens has pages of all types.
    assert {name for name in inject() if not name.startswith("pages.")} <= NOT_SHOWN
    republish()
    client.force_login(root)
    client.raise_request_exception = False
    found, shown = {}, 0
    for target in admin_targets(fixture_data, "own"):
        if target.endpoint.name == "wagtailadmin_logout":
            continue
        response = client.get(target.url)
        if dangers_of(response):
            found[target.url] = dangers_of(response)
        shown += not response.streaming and RUN.encode() in response.content
    assert found == {}
    assert shown > 80
