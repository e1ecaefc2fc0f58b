"""Each text of an incomplete translation that is in the source language says so, in the document and on the page."""

import datetime
import json

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.rich_text import RichText
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from cms.delivery.document_rebuild import rebuild_documents
from cms.delivery.models import PublishedDocument
from cms.pages.models import EventPage, StandardPage
from tests.factories.media import ImageFactory
from tests.factories.pages import make_page

HOST = "allier.example.test"

pytestmark = pytest.mark.django_db


@pytest.fixture
def partly(translated, department):
    """Return a function that publishes the translation without some of its texts."""
    department.publishes_partial_translations = True
    department.save()

    def partly(*missing):
        translated.write({source: text for source, text in translated.texts.items() if source not in missing})
        return translated.publish()

    return partly


def document(page, locale="en"):
    return json.loads(PublishedDocument.objects.get(content_id=page.translation_key, locale=locale).body)


@pytest.fixture
def read(client):
    def read(path):
        response = client.get(path, headers={"host": HOST})
        assert response.status_code == 200
        assert "\ufdd0" not in response.text
        return BeautifulSoup(response.text, "html.parser")

    return read


def foreign_texts(page):
    return [element.get_text() for element in page.select('.document [lang="fr"]')]


def test_a_title_and_a_summary(partly, read):
    page = partly("Aide alimentaire", "Un repas chaud par jour.")
    stored = document(page)
    assert stored["translation"]["untranslated"] == ["/title", "/summary"]
    assert stored["title"] == "Aide alimentaire"
    html = read("/en/food-aid/")
    assert foreign_texts(html) == ["Aide alimentaire", "Un repas chaud par jour."]
    assert html.title["lang"] == "fr"
    assert html.find("meta", attrs={"name": "description"})["lang"] == "fr"
    assert html.html["lang"] == "en"


def test_one_paragraph_of_a_rich_text(partly, read):
    page = partly("Fermé en août.")
    stored = document(page)
    assert stored["translation"]["untranslated"] == ["/content/body/0/value"]
    assert stored["content"]["body"][0]["value"] == (
        '<p>Open on Mondays.</p><p><span lang="fr">Fermé en août.</span></p>'
    )
    assert foreign_texts(read("/en/food-aid/")) == ["Fermé en août."]


def test_a_complete_translation_names_none(partly, read):
    page = partly()
    assert document(page)["translation"]["untranslated"] == []
    assert foreign_texts(read("/en/food-aid/")) == []


def test_a_new_header_keeps_the_list(partly, department, commits):
    page = partly("Un repas chaud par jour.")
    with commits():
        department.site.hostname = "metiers.allier.example.test"
        department.site.save()
    stored = document(page)
    assert stored["url"].startswith("http://metiers.")
    assert stored["translation"]["untranslated"] == ["/summary"]


def test_a_card_says_it_too(partly, department, commits, read):
    page = partly("Un repas chaud par jour.")
    with commits():
        make_page(StandardPage, page.get_parent(), title="Help", slug="help", body=[("related", [page])])
    card = PublishedDocument.objects.get(path="/en/help/").data["content"]["body"][0]["value"][0]
    assert card["translation"] == {"source_locale": "fr", "untranslated": ["/summary"]}
    assert foreign_texts(read("/en/help/")) == ["Un repas chaud par jour."]


@pytest.fixture
def event(department, commits):
    """Return a function that publishes a French event and its English version with no text but these translated."""
    department.publishes_partial_translations = True
    department.save()

    def event(translations, slug="salon"):
        with commits():
            agenda = {"date": datetime.date(2027, 4, 2), "title": "Matin", "sessions": [
                {"title": "Ouverture", "kind": "opening", "room": "", "speakers": [],
                 "description": RichText("<p>Café &amp; <b>mots</b>.</p><p>Salle.</p>")}
            ]}  # fmt: skip
            page = make_page(
                EventPage, department, title=slug, slug=slug, image=ImageFactory(collection=department.collection),
                image_alt="Une salle pleine", start_date=datetime.date(2027, 4, 2),
                days=[("day", agenda)], objectives=[("item", "Découvrir")],
                theme="Prendre soin\nde <tous>", theme_footnotes=[("footnote", {"term": "soin", "text": "Le care"})],
            )  # fmt: skip
            source, _created = TranslationSource.update_or_create_from_instance(page)
            translation = Translation.objects.create(
                source=source, target_locale=department.locales.get(language_code="en")
            )
            for segment in StringSegment.objects.filter(source=source).select_related("string"):
                if text := translations.get(segment.string.data):
                    StringTranslation.objects.create(
                        translation_of=segment.string, context=segment.context, locale=translation.target_locale,
                        data=text, translation_type="manual",
                    )  # fmt: skip
            translation.save_target(publish=True)
        return translation.get_target_instance()

    return event


def test_texts_inside_structures_and_alternative_texts(event, read):
    page = event({"salon": "fair", "Ouverture": "Opening", "Salle.": "Room.", "Le care": "Care"})
    stored = document(page)
    assert set(stored["translation"]["untranslated"]) >= {
        "/image/alt", "/content/days/0/title", "/content/days/0/sessions/0/description",
        "/content/objectives/0", "/content/theme/text", "/content/theme/footnotes/0/term",
    }  # fmt: skip
    assert stored["content"]["theme"]["text"] == "Prendre soin\nde <tous>"
    session = stored["content"]["days"][0]["sessions"][0]
    assert session["title"] == "Opening"
    assert session["description"] == '<p><span lang="fr">Café &amp; <b>mots</b>.</span></p><p>Room.</p>'
    html = read(stored["path"])
    assert html.select_one(".hero img")["lang"] == "fr"
    assert html.select_one(".theme-text [lang=fr]").get_text().startswith("Prendre soin1")
    assert {"Matin", "Découvrir", "soin"} <= set(foreign_texts(html))
    assert "Opening" not in foreign_texts(html)


def test_it_costs_no_query_per_page(event):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            rebuild_documents()
        return len(captured)

    event({}, "un")
    queries()
    before = queries()
    event({}, "deux")
    event({}, "trois")
    queries()
    assert queries() == before
