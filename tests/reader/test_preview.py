"""Tests of the preview of drafts."""

from bs4 import BeautifulSoup
from django.http import HttpRequest

from cms.reader import preview
from tests.factories.departments import make_department

from .samples import document


def test_preview_shows_the_draft_with_a_notice_and_the_published_menu(allier, publish, monkeypatch):
    publish("section", title="Agenda", path="/en/events/", row={"in_menu": True})
    draft = document("event", title="A draft")
    monkeypatch.setattr(preview, "draft_document", lambda page: (draft, allier))
    request = HttpRequest()
    request.csp_nonce = "bm9uY2U="
    response = preview.render_preview(request, object())
    page = BeautifulSoup(response.content, "html.parser")
    assert page.h1.get_text() == "A draft"
    assert page.select_one(".preview").get_text() == "Preview: not published"
    assert page.select_one(".menu a")["href"] == "http://allier.example.test/en/events/"
    assert page.select_one(".hero-image img")["src"] == "/media/cover.max-1600.jpg"
    assert page.find("link", href=lambda href: href.startswith("/allier/theme.css"))
    assert page.find("meta", attrs={"name": "robots"})["content"] == "noindex"


def test_preview_of_a_real_draft(db):
    home = make_department("isere").site.root_page.specific
    home.title = "A title that nobody may read yet"
    response = home.make_preview_request()
    page = BeautifulSoup(response.content, "html.parser")
    assert page.h1.get_text() == "A title that nobody may read yet"
    assert page.select_one(".preview")


def test_published_pages_have_no_preview_notice(publish, get):
    publish("event")
    assert "Preview" not in get("/en/events/sample/").content.decode()
