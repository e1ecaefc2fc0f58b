"""The publisher records each object to which a sample refers. The samples fill every field and every kind of block."""

import pytest
from django.contrib.contenttypes.models import ContentType
from wagtail.models import Page

from cms.delivery.documents.related_objects import embedded_models
from cms.delivery.models import PageReference, PublishedDocument
from sites.access.overrides.reference_extraction import extract_references

from .test_answers import DOCUMENTS


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_object_of_a_sample_is_recorded(samples, db, name):
    content_id, locale = DOCUMENTS[name]
    page = Page.objects.get(translation_key=content_id, locale__language_code=locale).specific
    types = {ContentType.objects.get_for_model(model).pk for model in (Page, *embedded_models())}
    pending, expected = [page], set()
    while pending:
        instance = pending.pop()
        for type_id, object_id, _path in extract_references(instance):
            if type_id in types and (type_id, int(object_id)) not in expected:
                expected.add((type_id, int(object_id)))
                model = ContentType.objects.get_for_id(type_id).model_class()
                if model is not Page:
                    pending.append(model.objects.get(pk=object_id))
    recorded = set(PageReference.objects.filter(page_id=page.pk).values_list("content_type_id", "object_id"))
    assert expected
    assert expected <= recorded
    assert PublishedDocument.objects.filter(page_id=page.pk, is_withdrawn=False).exists()
