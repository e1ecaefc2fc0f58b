"""Languages of a page: `hreflang` links, the sitemap, the offer of the visitor's language, and Content-Language."""

from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.models import Locale

from sites.lifecycle.language_fallbacks import set_fallbacks
from sites.models import DepartmentLocale

from .conftest import HOST
from .document_values import ROOT

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"
NAMES = {"en": "Salon", "fr": "Salon"}


@pytest.fixture
def publish_in(publish):
    """Return a function that publishes a content in some languages, each with the others as alternates."""

    def publish_in(locales, slug="salon", type_="event", content_id="0b7f5a3c-0000-4000-8000-00000000000a", **row):
        paths = {locale: f"/{locale}/{slug}/" if slug else f"/{locale}/" for locale in locales}
        versions = {locale: {"locale": locale, "title": f"{slug} {locale}", "path": path, "url": ROOT + path}
                    for locale, path in paths.items()}  # fmt: skip
        for version in versions.values():
            alternates = [each for each in versions.values() if each is not version]
            publish(type_, **version, alternates=alternates, row={"content_id": content_id, **row})

    return publish_in


@pytest.fixture
def sitemap(get):
    """Return a function that reads the sitemap as {URL: {hreflang: URL}}."""

    def sitemap(path="/sitemap.xml", host=HOST):
        response = get(path, host)
        assert response["Content-Type"] == "application/xml; charset=utf-8"
        return {
            entry.find(f"{SITEMAP}loc").text: {link.get("hreflang"): link.get("href") for link in entry.iter(LINK)}
            for entry in ElementTree.fromstring(response.content).iter(f"{SITEMAP}url")  # noqa: S314
        }

    return sitemap


def links_of(page):
    return {link["hreflang"]: link["href"] for link in page.find_all("link", rel="alternate")}


def test_every_language_has_the_same_links_in_its_head_and_in_the_sitemap(publish_in, read, sitemap):
    publish_in(["fr", "en", "it"])
    expected = {locale: f"{ROOT}/{locale}/salon/" for locale in ("fr", "en", "it")} | {"x-default": f"{ROOT}/fr/salon/"}
    for locale in ("fr", "en", "it"):
        assert links_of(read(f"/{locale}/salon/")) == expected
    assert sitemap() == {f"{ROOT}/{locale}/salon/": expected for locale in ("fr", "en", "it")}


def test_the_default_of_a_home_page_is_the_choice_of_a_language(publish_in, read, sitemap):
    publish_in(["fr", "en"], slug="", type_="home")
    assert links_of(read("/en/"))["x-default"] == f"{ROOT}/fr/"
    assert sitemap()[f"{ROOT}/fr/"]["x-default"] == f"{ROOT}/fr/"


def test_without_the_source_language_every_page_names_the_same_default(publish_in, read):
    publish_in(["it", "en"])
    assert {links_of(read(f"/{locale}/salon/"))["x-default"] for locale in ("it", "en")} == {f"{ROOT}/en/salon/"}


def test_a_page_in_one_language_has_no_links(publish_in, read, sitemap):
    publish_in(["fr"])
    assert links_of(read("/fr/salon/")) == {}
    assert sitemap() == {f"{ROOT}/fr/salon/": {}}


def test_only_canonical_pages_have_links(publish, publish_in, read, sitemap):
    """A second page of a list is no translation of a first one; a copy leaves its URL to its origin."""
    publish_in(["en", "fr"], slug="events", type_="section", content_id="0b7f5a3c-0000-4000-8000-00000000000b")
    for number in range(15):
        publish("event", path=f"/en/events/{number}/", alternates=[])
    assert links_of(read("/en/events/"))
    assert links_of(read("/en/events/?page=2")) == {}
    origin = {"department": "isere", "name": "Isère", "title": "Origin", "url": "http://isere.example.test/en/origin/"}
    publish("standard", path="/en/copy/", origin=origin)
    assert links_of(read("/en/copy/")) == {}
    assert f"{ROOT}/en/copy/" not in sitemap()


def test_the_sitemap_has_public_pages_of_the_site_only(publish, publish_in, get, sitemap):
    publish_in(["fr", "en"])
    publish("standard", path="/fr/withdrawn/", locale="fr", row={"is_withdrawn": True})
    assert set(sitemap()) == {f"{ROOT}/fr/salon/", f"{ROOT}/en/salon/"}
    assert sitemap("/allier/sitemap.xml", host="cms.example.test") == sitemap()
    for path, host in (("/sitemap.xml", "cms.example.test"), ("/isere/sitemap.xml", HOST), ("/fr/sitemap.xml", HOST)):
        assert get(path, host).status_code == 404
    first = get("/sitemap.xml")
    assert get("/sitemap.xml", **{"if-none-match": first["ETag"]}).status_code == 304


def test_the_sitemap_takes_a_constant_number_of_queries(publish_in, get):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            get("/sitemap.xml")
        return len(captured)

    publish_in(["fr", "en"])
    before = queries()
    for number in range(5):
        publish_in(["fr", "en"], slug=f"page-{number}", content_id=f"0b7f5a3c-0000-4000-8000-0000000001{number:02}")
    assert queries() == before


def test_a_page_says_its_language(publish_in, get):
    publish_in(["fr", "en"])
    assert get("/fr/salon/")["Content-Language"] == "fr"
    assert get("/en/salon/")["Content-Language"] == "en"
    assert get("/en/missing/")["Content-Language"] == "en"
    assert get("/search/?language=en")["Content-Language"] == "en"


def test_the_visitors_language_is_offered_without_a_redirect_and_without_another_answer(publish_in, read, get):
    publish_in(["fr", "en", "it"])
    offers = read("/fr/salon/").select(".language-offer")
    assert [(offer["lang"], offer.a["href"], offer.get_text()) for offer in offers] == [
        ("en", "/en/salon/", "This page exists in English."),
        ("it", "/it/salon/", "Questa pagina esiste in italiano."),
    ]
    assert all(offer.has_attr("hidden") for offer in offers)
    plain, italian = get("/fr/salon/"), get("/fr/salon/", **{"accept-language": "it"})
    assert (italian.status_code, italian["ETag"]) == (200, plain["ETag"])
    assert "Accept-Language" not in plain.get("Vary", "")


@pytest.fixture
def chain(allier):
    """Let Italian fall back to English, and English to French."""
    italian, _created = Locale.objects.get_or_create(language_code="it")
    DepartmentLocale.objects.create(department=allier, locale=italian)
    set_fallbacks(allier, {"it": "en", "en": "fr"})


def test_a_missing_page_is_shown_in_the_next_language_with_a_notice(chain, publish_in, read, get):
    publish_in(["fr"])
    response = get("/it/salon/")
    assert (response.status_code, response["Content-Language"]) == (200, "fr")
    page = read("/it/salon/")
    assert (page.html["lang"], page.h1.get_text()) == ("fr", "salon fr")
    notice = page.select_one('main .notice[lang="it"]:not([hidden])')
    assert notice.get_text() == "Questa pagina non esiste in italiano. È mostrata in un’altra lingua: francese."
    assert page.find("link", rel="canonical")["href"] == f"{ROOT}/fr/salon/"
    assert links_of(page) == {}
    assert read("/en/salon/").html["lang"] == "fr"
    assert not read("/fr/salon/").select('.notice[lang="it"]:not([hidden])')


def test_the_nearest_language_of_the_chain_is_shown(chain, publish_in, read):
    publish_in(["fr", "en"])
    assert read("/it/salon/").html["lang"] == "en"


def test_a_withdrawn_page_is_shown_in_another_language_at_its_former_url(chain, publish, publish_in, read):
    content_id = "0b7f5a3c-0000-4000-8000-00000000000a"
    publish("event", locale="it", path="/it/fiera/", row={"content_id": content_id, "is_withdrawn": True})
    publish_in(["fr"], content_id=content_id)
    assert read("/it/fiera/").h1.get_text() == "salon fr"


def test_a_page_that_exists_in_the_language_at_another_url_is_found(chain, publish, publish_in, get):
    content_id = "0b7f5a3c-0000-4000-8000-00000000000a"
    publish_in(["fr"], content_id=content_id)
    publish("event", locale="it", path="/it/fiera/", row={"content_id": content_id})
    response = get("/it/salon/")
    assert (response.status_code, response["Location"]) == (302, "/it/fiera/")


def test_without_a_chain_a_missing_page_is_not_found(publish_in, chain, get):
    publish_in(["fr", "en"])
    for path in ("/de/salon/", "/it/salon/x/", "/it/%00/", "/fr/missing/"):
        assert get(path).status_code == 404


def test_a_missing_page_takes_a_constant_number_of_queries(chain, publish_in, get):
    publish_in(["fr"])

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert get("/it/salon/").status_code == 200
        return len(captured)

    before = queries()
    for number in range(5):
        publish_in(["fr", "en"], slug=f"page-{number}", content_id=f"0b7f5a3c-0000-4000-8000-0000000001{number:02}")
    assert queries() == before
