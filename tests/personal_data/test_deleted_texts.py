"""The texts of a deleted page leave the tables of wagtail-localize; texts in use and translated texts stay."""

import pytest
from wagtail.models import Locale
from wagtail_localize.models import String, StringTranslation, TranslationSource
from wagtail_localize.operations import translate_object

from cms.management.expired_rows import delete_expired_rows
from cms.pages.models import StandardPage, TestimonialPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page

pytestmark = pytest.mark.django_db


def texts():
    return sorted(String.objects.filter(data__startswith="zq").values_list("data", flat=True))


def test_texts_of_a_deleted_page_are_deleted(commits):
    department = make_department("allier")
    english = Locale.objects.get(language_code="en")
    with commits():
        deleted = make_page(TestimonialPage, department, title="zqname", quotation="zqquotation")
        kept = make_page(StandardPage, department, title="zqkept", summary="zqformer")
        for page in (deleted, kept):
            translate_object(page, [english])
    former = String.objects.get(data="zqformer")
    context = former.segments.get().context
    StringTranslation.objects.create(translation_of=former, context=context, locale=english, data="Former")
    with commits():
        kept.summary = "zqnew"
        kept.save_revision().publish()
        TranslationSource.update_or_create_from_instance(kept)
        deleted.delete()
        TestimonialPage.objects.filter(translation_key=deleted.translation_key).first().delete()
    assert {"zqname", "zqquotation"} <= set(texts())

    delete_expired_rows()

    assert texts() == ["zqformer", "zqkept", "zqnew"]
