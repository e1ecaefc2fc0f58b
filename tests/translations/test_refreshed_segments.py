"""Segments are stored in batches, and as wagtail-localize stores them (`cms.translations.overrides`)."""

import inspect
import json
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail_localize.models import (
    OverridableSegment,
    RelatedObjectSegment,
    String,
    StringSegment,
    Template,
    TemplateSegment,
    TranslatableObject,
    TranslationContext,
    TranslationSource,
)
from wagtail_localize.segments import OverridableSegmentValue, RelatedObjectSegmentValue, TemplateSegmentValue
from wagtail_localize.segments.extract import extract_segments

from cms.pages.models import StandardPage
from cms.translations.overrides import refreshed_segments
from cms.translations.progress import update_failures
from sites.validation.editor_content import MAX_LINE_BREAKS, MAX_RANGES
from sites.validation.incoming_text import MAX_CHARACTERS
from tests.contracts.samples import publish_samples
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

FEW, MANY = 10, 500
# Statements that store hundreds of rows take several batches.
MARGIN = 30
MODELS = (
    String, Template, TranslatableObject, TranslationContext,
    StringSegment, TemplateSegment, RelatedObjectSegment, OverridableSegment,
)  # fmt: skip


def rows():
    return {model: list(model.objects.order_by("pk").values()) for model in MODELS}


def refresh_as_wagtail_localize(source):
    """Do what `TranslationSource.refresh_segments` of wagtail-localize does, from its parts."""
    seen = {model: [] for model in (StringSegment, TemplateSegment, RelatedObjectSegment, OverridableSegment)}
    instance = source.as_instance()
    for value in extract_segments(instance):
        if isinstance(value, TemplateSegmentValue):
            segment = TemplateSegment.from_value(source, value)
        elif isinstance(value, RelatedObjectSegmentValue):
            segment = RelatedObjectSegment.from_value(source, value)
        elif isinstance(value, OverridableSegmentValue):
            segment = OverridableSegment.from_value(source, value)
        else:
            segment = StringSegment.from_value(source, source.locale, value)
        segment.context.field_path = ""
        segment.context.get_field_path(instance)
        seen[type(segment)].append(segment.pk)
    for model, keys in seen.items():
        model.objects.filter(source=source).exclude(pk__in=keys).delete()


@pytest.mark.django_db
def test_the_same_rows_are_stored(commits):
    """Of every field and block; again after texts, links and images have changed and are gone."""
    with commits():
        pages = publish_samples()
    found = set()
    for page in pages.values():
        source, _created = TranslationSource.update_or_create_from_instance(page)
        before = rows()
        refresh_as_wagtail_localize(source)
        assert rows() == before
        content = json.loads(source.content_json)
        content["title"] += " !"
        if content.get("body"):
            body = json.loads(content["body"])
            content["body"] = json.dumps(body[1:])
        source.content_json = json.dumps(content)
        source.save()
        source.refresh_segments()
        before = rows()
        refresh_as_wagtail_localize(source)
        assert rows() == before
        found |= {model for model in MODELS if model.objects.exists()}
    assert found == set(MODELS)
    assert not TranslationContext.objects.filter(field_path="")


@pytest.mark.django_db
def test_places_without_a_field_path_get_one(commits):
    with commits():
        page = publish_samples()["standard"]
    source, _created = TranslationSource.update_or_create_from_instance(page)
    before = rows()
    TranslationContext.objects.update(field_path="")
    source.refresh_segments()
    assert rows() == before


def test_every_refresh_is_the_replaced_one():
    assert TranslationSource.refresh_segments is refreshed_segments.refresh_segments
    callers = (TranslationSource.update_from_db, TranslationSource.update_or_create_from_instance)
    assert all("refresh_segments()" in inspect.getsource(caller) for caller in callers)


def queries(action):
    with CaptureQueriesContext(connection) as captured:
        action()
    return len(captured)


def send_to_translation(client, department, texts):
    """Send a page with a number of texts to translation twice, with other texts; return the numbers of queries."""
    paragraphs = [f"<p>Texte {number} de {texts}.</p>" for number in range(texts // 2)]
    blocks = [("text", f"<p>Bloc {number} de {texts}.</p>") for number in range(texts // 2)]
    slug = f"page-{texts}"
    body = [("text", "".join(paragraphs)), *blocks]
    page = make_page(StandardPage, department, title=slug, slug=slug, summary="x", body=body, publish=False)
    page.save_revision()
    url = reverse("wagtail_localize:submit_page_translation", args=[page.pk])
    locale = department.locales.get(language_code="en").pk
    with CaptureQueriesContext(connection) as sent:
        assert client.post(url, {"locales": [locale]}).status_code == 302
    source = TranslationSource.objects.get(object_id=page.translation_key)
    assert StringSegment.objects.filter(source=source).count() >= texts
    page.body = [("text", "".join(paragraphs).replace("Texte", "Paragraphe")), *blocks]
    page.save()
    with CaptureQueriesContext(connection) as updated:
        source.update_from_db()
    return len(sent), len(updated)


@pytest.mark.django_db
def test_the_number_of_queries_does_not_depend_on_the_number_of_texts(client):
    department = make_department("allier", locales=("fr", "en"))
    client.force_login(make_user("editor", groups=["allier:editor"]))
    few, many = (send_to_translation(client, department, texts) for texts in (FEW, MANY))
    assert many[0] <= few[0] + MARGIN
    assert many[1] <= few[1] + MARGIN


@pytest.mark.django_db
def test_a_content_with_too_many_texts_is_not_sent_to_translation(client, commits, monkeypatch):
    monkeypatch.setattr(update_failures, "MAX_TEXTS", 20)
    department = make_department("allier")
    body = [("text", "".join(f"<p>Mot {number}</p>" for number in range(30)))]
    with commits():
        page = make_page(StandardPage, department, title="Grande page", body=body, publish=False)
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    before = rows()
    answer = client.post(
        reverse("translation_submit_page", args=[page.pk]),
        {"locales": [department.locales.get(language_code="en").pk]},
        follow=True,
    )
    assert "Rien n’a été modifié" in answer.content.decode()
    assert "« Grande page » a 33 textes" in answer.content.decode().replace("\xa0", " ")
    assert rows() == before
    assert page.get_translations().count() == 0


def paragraph(number):
    """Return a paragraph with as many tags as the editor accepts."""
    links = "".join(f'<a href="https://example.org/{each}">b</a> ' for each in range(MAX_RANGES))
    return f"<p>{number}{'<b>a</b> ' * MAX_RANGES}{links}{'<br/>' * MAX_LINE_BREAKS}</p>"


@pytest.mark.django_db
def test_paragraphs_with_many_tags_are_divided_into_texts_in_a_short_time(client, commits):
    department = make_department("allier")
    with commits():
        body = [("text", "".join(map(paragraph, range(13))))]
        page = make_page(StandardPage, department, title="Balises", body=body, publish=False)
    assert 340_000 < len(page.to_json()) < MAX_CHARACTERS
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    started = time.process_time()
    english = department.locales.get(language_code="en")
    response = client.post(reverse("translation_submit_page", args=[page.pk]), {"locales": [english.pk]})
    assert response.status_code == 302
    assert time.process_time() - started < 10  # 15 s before the limits, for paragraphs of 5,000 tags
    assert StringSegment.objects.filter(string__data__contains="<b>").count() == 13


@pytest.mark.django_db
def test_a_draft_that_is_too_long_to_be_published_is_not_translated(client, commits, monkeypatch):
    monkeypatch.setattr(update_failures, "MAX_CHARACTERS", 500)
    department = make_department("allier")
    with commits():
        page = make_page(StandardPage, department, title="Longue", body=[("text", "<p>mot</p>")], publish=False)
    client.force_login(make_user("publisher", groups=["allier:publisher"]))
    english = department.locales.get(language_code="en")
    answer = client.post(reverse("translation_submit_page", args=[page.pk]), {"locales": [english.pk]}, follow=True)
    assert "a plus de 500 caractères" in answer.content.decode().replace("\xa0", " ")
    assert page.get_translations().count() == 0
