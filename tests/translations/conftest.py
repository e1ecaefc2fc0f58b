"""A page of a department with an English translation."""

from types import SimpleNamespace

import pytest
from wagtail_localize.models import String, StringSegment, StringTranslation, Translation, TranslationSource

from cms.pages.models import StandardPage
from tests.factories.departments import make_department
from tests.factories.pages import make_page
from tests.factories.users import make_user

TEXTS = {
    "Aide alimentaire": "Food aid",
    "aide-alimentaire": "food-aid",
    "Un repas chaud par jour.": "A hot meal a day.",
    "Ouvert le lundi.": "Open on Mondays.",
    "Fermé en août.": "Closed in August.",
}


@pytest.fixture
def department():
    return make_department("allier", locales=("fr", "en"))


@pytest.fixture
def translated(department, commits):
    """Return a published French page and its translation; `write` stores English texts, `publish` publishes them."""
    with commits():
        page = make_page(
            StandardPage, department, title="Aide alimentaire", slug="aide-alimentaire",
            summary="Un repas chaud par jour.", body=[("text", "<p>Ouvert le lundi.</p><p>Fermé en août.</p>")],
        )  # fmt: skip
        source, _created = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(
            source=source, target_locale=department.locales.get(language_code="en")
        )
        translation.save_target(publish=False)

    def write(texts):
        with commits():
            for text, translated_text in texts.items():
                segment = StringSegment.objects.get(
                    source=source, string__in=String.objects.filter(data=text, locale=source.locale)
                )
                row, created = StringTranslation.objects.get_or_create(
                    translation_of=segment.string, context=segment.context, locale=translation.target_locale,
                    defaults={"data": translated_text, "translation_type": "manual"},
                )  # fmt: skip
                if not created:
                    row.data = translated_text
                    row.save()

    def publish():
        with commits():
            translation.save_target(publish=True)
        return translation.get_target_instance()

    def edit(**changes):
        with commits():
            current = StandardPage.objects.get(pk=page.pk)
            for name, value in changes.items():
                setattr(current, name, value)
            current.save_revision().publish()

    return SimpleNamespace(
        page=page, source=source, translation=translation, write=write, publish=publish, edit=edit, texts=dict(TEXTS)
    )


@pytest.fixture
def english(department):
    return department.locales.get(language_code="en")


@pytest.fixture
def translator(department):
    return make_user("translator", groups=["allier:translator:en"])
