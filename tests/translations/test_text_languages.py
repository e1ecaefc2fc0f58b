"""Each text of an incomplete translation that is in the source language says so, in the document and on the page."""

import datetime
import json
import time

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from wagtail.rich_text import RichText
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from cms.delivery import publisher
from cms.delivery.document_rebuild import rebuild_documents
from cms.delivery.documents import untranslated_texts
from cms.delivery.documents.untranslated_texts import END, START, with_marks
from cms.delivery.models import PublishedDocument, RefreshRequest
from cms.pages.models import EventPage, StandardPage
from cms.translations.models import TranslatedRevision
from cms.translations.progress.segments import segment_digest
from tests.factories.media import ImageFactory
from tests.factories.pages import make_page

HOST = "allier.example.test"

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]


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


def test_the_marks_of_a_large_page_take_linear_time():
    """4,000 headings took 42 s of CPU under the lock of the feed, for which all departments wait."""
    number = 4_000
    blocks = [{"type": "heading", "value": f"Titre {n}", "id": str(n)} for n in range(number)]
    body = StandardPage._meta.get_field("body")
    page = StandardPage(title="Guide", body=body.to_python(json.dumps(blocks)))
    paths = [f"body.{n}" for n in range(number)]
    digests = [segment_digest(path, f"Titre {n}") for n, path in enumerate(paths)]
    record = TranslatedRevision(segments=dict.fromkeys(digests[1:], "untranslated"), untranslated_paths=paths)
    start = time.process_time()
    marked = with_marks(page, record)
    headings = [block.value for block in marked.body]
    assert time.process_time() - start < 4
    assert headings[0] == "Titre 0"
    assert all(heading == f"{START}Titre {n}{END}" for n, heading in enumerate(headings[1:], start=1))
    assert page.body[1].value == "Titre 1"


@pytest.mark.parametrize("background", [False, True])
def test_texts_are_divided_before_the_lock_of_the_feed(partly, monkeypatch, background):
    """wagtail-localize takes seconds for a large page, and all departments wait for the lock."""
    page = partly("Fermé en août.", "Aide alimentaire")
    before = document(page)
    calls = []
    for owner, name in ((untranslated_texts, "_marked"), (publisher.FeedCounter, "locked")):
        original = getattr(owner, name)
        spy = lambda *args, name=name, original=original: calls.append(name) or original(*args)  # noqa: E731
        monkeypatch.setattr(owner, name, spy)
    PublishedDocument.objects.filter(page_id=page.pk).update(body="", etag="")
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([page.pk]))
    calls.clear()
    if background:
        publisher.process_refresh_requests()
    else:
        publisher.publish_own_pages([page.pk])
    assert document(page) == before
    assert "_marked" in calls
    assert "_marked" not in calls[calls.index("locked") :]


@pytest.mark.parametrize("background", [False, True])
def test_the_texts_of_an_alias_are_divided_before_the_lock_of_the_feed(department, commits, monkeypatch, background):
    """wagtail-localize makes aliases above a translated page; each text of a large one has to be marked."""
    with commits():
        page = make_page(StandardPage, department, title="Aide", body=[("text", "<p>Ouvert le <b>lundi</b>.</p>")])
        english = department.locales.get(language_code="en")
        alias = page.copy_for_translation(english, alias=True, copy_parents=True)
    calls = []
    owners = ((untranslated_texts, "record_of_source_texts"), (untranslated_texts, "_marked"))
    for owner, name in (*owners, (publisher.FeedCounter, "locked")):
        original = getattr(owner, name)
        spy = lambda *args, name=name, original=original: calls.append(name) or original(*args)  # noqa: E731
        monkeypatch.setattr(owner, name, spy)
    if background:
        PublishedDocument.objects.filter(page_id=alias.pk).update(body="", etag="")
        RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([alias.pk]))
        publisher.process_refresh_requests()
    else:
        with commits():
            page.title = "Aide alimentaire"
            page.save_revision().publish()
    data = PublishedDocument.objects.get(page_id=alias.pk).data
    assert data["translation"]["status"] == "incomplete"
    assert '<span lang="fr">' in data["content"]["body"][0]["value"]
    assert {"record_of_source_texts", "_marked"} <= set(calls)
    assert calls.count("record_of_source_texts") == 1
    assert not {"record_of_source_texts", "_marked"} & set(calls[calls.index("locked") :])


def test_only_pages_of_the_batch_are_prepared(department, commits, monkeypatch):
    """An urgent batch takes no time for the texts of pages that are written later."""
    with commits():
        others = [make_page(StandardPage, department, title=f"Accueil {number}") for number in range(2)]
        page = make_page(StandardPage, department, title="Aide")
        alias = page.copy_for_translation(department.locales.get(language_code="en"), alias=True, copy_parents=True)
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([alias.pk]))
    changes = (RefreshRequest.Change.OBJECT, RefreshRequest.Change.HEADER)
    for other, change in zip(others, changes, strict=True):
        RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([other.pk], change, urgent=True))
    prepared, refresh = [], publisher.refresh_pages
    monkeypatch.setattr(untranslated_texts, "_prepare_page", lambda page, record_of: prepared.append(page.pk))
    monkeypatch.setattr(publisher, "refresh_pages", lambda *args: prepared.append("batch") or refresh(*args))
    publisher.process_refresh_requests()
    assert prepared == ["batch", alias.pk, "batch"]


def test_a_withdrawal_does_not_wait_for_the_texts_of_many_pages(department, commits, monkeypatch):
    with commits():
        other = make_page(StandardPage, department, title="Accueil")
        pages = [make_page(StandardPage, department, title=f"Aide {number}") for number in range(3)]
        english = department.locales.get(language_code="en")
        aliases = [page.copy_for_translation(english, alias=True, copy_parents=True) for page in pages]
    ids = [alias.pk for alias in aliases]
    PublishedDocument.objects.filter(page_id__in=[*ids, other.pk]).update(body="", etag="")
    RefreshRequest.objects.bulk_create(RefreshRequest.for_pages(ids))
    prepare, calls = untranslated_texts._prepare_page, []

    def prepare_while_others_withdraw(page, record_of):
        prepare(page, record_of)
        calls.append(page.pk)
        if len(calls) == 1:
            RefreshRequest.objects.bulk_create(RefreshRequest.for_pages([other.pk], urgent=True))

    monkeypatch.setattr(untranslated_texts, "_prepare_page", prepare_while_others_withdraw)
    monkeypatch.setattr(publisher, "PREPARATION_SECONDS", 0)
    publisher.process_refresh_requests()
    documents = PublishedDocument.objects.filter(page_id__in=[*ids, other.pk]).exclude(body="")
    assert list(documents.order_by("sequence").values_list("page_id", flat=True)) in (
        [other.pk, *ids],
        [ids[0], other.pk, *ids[1:]],
    )
    assert not RefreshRequest.objects.exists()
