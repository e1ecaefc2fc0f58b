"""Texts that translators send are as long as their field at most; links, and texts without a field, have a maximum."""

import io
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db.models import CharField
from django.urls import reverse
from wagtail_localize.models import OverridableSegment, SegmentOverride, StringSegment, StringTranslation

from cms.pages.models import ContentPage
from cms.translations.editor.saving import save_texts
from cms.translations.editor.typed_texts import text_digest
from cms.translations.exchange.incoming_files import MAX_TEXT_LENGTH
from cms.translations.file_service.current_texts import current_texts, key_of
from cms.translations.file_service.import_report import Outcome
from cms.translations.file_service.incoming_merge import MergeOptions, import_file
from cms.translations.text_limits import MAX_LINK_LENGTH, FieldLimits
from tests.factories.users import make_user
from tests.typed_translations import errors_of, type_translation

TEXTS = {"seo_title": "Titre", "search_description": "Description", "image_alt": "Image", "summary": "Résumé"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def source(translated, client):
    """Return the source of a translation whose fields all have a text and whose body has a link."""
    body = '[{"type": "text", "value": "<p>Un <a href=\\"https://example.org/\\">lien</a></p>"}]'
    translated.edit(**TEXTS, body=body)
    translated.source.update_from_db()
    client.force_login(make_user("translator", groups=["allier:translator:en"]))
    return translated.source


def put(client, translated, segment, value):
    url = reverse("wagtail_localize:edit_override", args=[translated.translation.pk, segment.pk])
    return client.put(url, urlencode({"value": value}), content_type=FORM)


@pytest.mark.django_db
def test_a_text_that_is_longer_than_its_field_is_refused(source, translated, client):
    limits, refused = FieldLimits(source), set()
    for segment in StringSegment.objects.filter(source=source).select_related("context", "string"):
        limit = limits.of(segment.context.path)
        tags = '<a id="a1">x</a>' if "<a" in segment.string.data else ""
        longest = tags + "x" * ((limit or MAX_TEXT_LENGTH) - len(tags))
        assert errors_of(type_translation(client, translated.translation, segment, longest)) == []
        (error,) = errors_of(type_translation(client, translated.translation, segment, longest + "y"))
        assert str(limit or MAX_TEXT_LENGTH) in error.replace("\u202f", "").replace("\xa0", "")
        if limit:
            refused.add(segment.context.path)
    assert refused == {"title", "slug", *TEXTS} - {"search_description"}
    assert not StringTranslation.objects.filter(data__endswith="y").exists()


@pytest.mark.django_db
def test_entities_of_a_title_count_as_they_are_copied(source, translated, client):
    segment = StringSegment.objects.get(source=source, context__path="title")
    assert errors_of(type_translation(client, translated.translation, segment, "&" * 52))
    summary = StringSegment.objects.get(source=source, context__path="summary")
    assert errors_of(type_translation(client, translated.translation, summary, "&" * 400)) == []


@pytest.mark.django_db
def test_a_long_link_is_refused(source, translated, client):
    segment = OverridableSegment.objects.get(source=source)
    start = "https://example.org/"
    longest = start + "x" * (MAX_LINK_LENGTH - len(start))
    assert put(client, translated, segment, longest).status_code == 201
    response = put(client, translated, segment, longest + "y")
    assert (response.status_code, str(MAX_LINK_LENGTH) in str(response.json())) == (400, True)
    assert SegmentOverride.objects.get().data == longest


@pytest.mark.django_db
def test_a_file_stores_no_text_that_is_longer_than_its_field(source, translated, client):
    po = translated.translation.export_po()
    for entry in po:
        entry.msgstr = "x" * 500
    report = import_file(io.BytesIO(str(po).encode()), "texts.po", MergeOptions())[0]
    refused = [unit.reason for unit in report.units if unit.outcome is Outcome.REFUSED]
    assert sum("255" in reason or "400" in reason for reason in refused) == 5
    stored = set(StringTranslation.objects.values_list("context__path", flat=True))
    assert not stored & {"title", "slug", "seo_title", "summary", "image_alt"}


@pytest.mark.django_db
def test_the_editor_stores_no_text_that_is_longer_than_its_field(source, translated, client):
    data = {}
    for text in current_texts(translated.translation):
        data |= {f"text-{key_of(text)}": "x" * 500, f"digest-{key_of(text)}": text_digest(text.unit.target)}
    errors = save_texts(translated.translation, data, None)
    assert sum("255" in error or "400" in error for error in errors.values()) == 5


def test_every_translated_field_with_a_limit_is_found():
    models = [model for model in apps.get_models() if issubclass(model, ContentPage)]
    limited = {
        (model, field.field_name)
        for model in models
        for field in model.translatable_fields
        if isinstance(model._meta.get_field(field.field_name), CharField)
        and not model._meta.get_field(field.field_name).choices
    }
    assert len(limited) > 20
    for model, name in limited:
        assert model._meta.get_field(name).max_length
