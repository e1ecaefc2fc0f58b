"""wagtail-localize's screen of a translation shows images, links and related objects; texts have their own editor."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail_localize.models import (
    OverridableSegment,
    RelatedObjectSegment,
    SegmentOverride,
    StringSegment,
    StringTranslation,
    Translation,
    TranslationSource,
)

from cms.pages.models import StandardPage
from cms.translations.overrides.translation_screen import RELATED_OBJECTS_SHOWN
from tests.factories.departments import make_department
from tests.factories.pages import OrganisationFactory, make_page
from tests.factories.users import make_user

pytestmark = pytest.mark.embedded

FEW, MANY = 10, 500
MARGIN = 5


def translation_of(department, texts, organisations=()):
    """Return a translation with a number of translated texts, and of links that the translation replaces."""
    text = "".join(f'<p>Texte {n} <a href="https://example.org/{texts}/{n}">ici</a></p>' for n in range(texts))
    body = [("text", text), *(("organisation", organisation) for organisation in organisations)]
    page = make_page(StandardPage, department, title="Aide", slug=f"aide-{texts}", summary="x", body=body)
    source, _created = TranslationSource.update_or_create_from_instance(page)
    locale = department.locales.get(language_code="en")
    translation = Translation.objects.create(source=source, target_locale=locale)
    translation.save_target(publish=False)
    author = make_user(f"author-{texts}")
    StringTranslation.objects.bulk_create(
        StringTranslation(
            translation_of=segment.string, context=segment.context, locale=locale, data=segment.string.data,
            translation_type="manual", last_translated_by=author,
        )
        for segment in StringSegment.objects.filter(source=source).select_related("string", "context")
    )  # fmt: skip
    SegmentOverride.objects.bulk_create(
        SegmentOverride(context=segment.context, locale=locale, data_json='"https://example.org/en"')
        for segment in OverridableSegment.objects.filter(source=source).select_related("context")
    )
    return translation


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en"))


def screen(client, translation):
    url = reverse("wagtailadmin_pages:edit", args=[translation.get_target_instance().pk])
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return json.loads(response.context["props"]), response, len(captured)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["translator:en", "administrator"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_texts_and_links(client, department, role):
    client.force_login(make_user("user", groups=[f"allier:{role}"]))
    translations = [translation_of(department, texts) for texts in (FEW, MANY)]
    screen(client, translations[0])
    few, many = (screen(client, translation) for translation in translations)
    for (props, _response, _number), texts in ((few, FEW), (many, MANY)):
        assert {segment["type"] for segment in props["segments"]} == {"synchronised_value"}
        assert len(props["segments"]) == texts
        keys = {segment["id"] for segment in props["segments"]}
        assert {override["segment_id"] for override in props["initialOverrides"]} == keys
        assert props["initialStringTranslations"] == []
    assert many[2] <= few[2] + MARGIN


@pytest.mark.django_db
def test_related_objects_are_shown_once_and_not_all(client, department):
    client.force_login(make_user("user", groups=["allier:translator:en"]))
    found = [OrganisationFactory(owner=department, name=f"O {n}", locale=department.source_locale) for n in range(30)]
    props, _response, number = screen(client, translation_of(department, 2, [*found[:10], *found]))
    shown = [segment["source"]["title"] for segment in props["segments"] if segment["type"] == "related_object"]
    assert shown == [f"O {n}" for n in range(RELATED_OBJECTS_SHOWN)]
    fewer, _response, fewer_queries = screen(client, translation_of(department, 3, found[:RELATED_OBJECTS_SHOWN]))
    assert len(fewer["segments"]) == RELATED_OBJECTS_SHOWN + 3
    assert number <= fewer_queries + MARGIN


@pytest.mark.django_db
def test_it_leads_to_the_editor_of_the_texts(client, department):
    client.force_login(make_user("user", groups=["allier:translator:en"]))
    translation = translation_of(department, 2)
    _props, response, _number = screen(client, translation)
    assert reverse("translation_editor", args=[translation.pk]) in response.content.decode()


@pytest.mark.django_db
def test_a_related_object_that_is_deleted_is_left_out(client, department):
    organisations = [OrganisationFactory(name=name) for name in ("Une", "Deux")]
    translation = translation_of(department, 1, organisations)
    client.force_login(make_user("user", groups=["allier:administrator"]))
    related = RelatedObjectSegment.objects.filter(source=translation.source)
    assert related.count() == 2
    organisations[0].delete()
    props, _response, _number = screen(client, translation)
    assert [each["source"]["title"] for each in props["segments"] if each["type"] == "related_object"] == ["Deux"]
