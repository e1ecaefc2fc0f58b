"""A published English translation of a page that shows an image and a document."""

from types import SimpleNamespace

import pytest
from wagtail_localize.models import StringSegment, StringTranslation, Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.media import DocumentFactory, ImageFactory
from tests.factories.pages import make_page


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en", "it"))


@pytest.fixture
def english(department):
    return department.locales.get(language_code="en")


@pytest.fixture
def shown(department, english, commits):
    """Return the page, its image and document; `document_in` returns the published document in a language."""
    with commits():
        image = ImageFactory(collection=department.collection, title="photo-12", description="Deux éducatrices")
        document = DocumentFactory(collection=department.collection, title="Programme")
        page = make_page(
            StandardPage, department, title="Aide", slug="aide", summary="", image=image,
            body=[("document", document)],
        )  # fmt: skip
        source, _created = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=english)
        translation.save_target(publish=False)
        for segment in StringSegment.objects.filter(source=source):
            StringTranslation.objects.create(
                translation_of=segment.string, context=segment.context, locale=english,
                data={"Aide": "Help", "aide": "help"}[segment.string.data], translation_type="manual",
            )  # fmt: skip
        translation.save_target(publish=True)

    def document_in(language):
        return PublishedDocument.objects.get(content_id=page.translation_key, locale=language).data

    return SimpleNamespace(page=page, image=image, document=document, document_in=document_in)
