"""Machine translation and the update of translations are interrupted at each point."""

from functools import partial
from unittest import mock

import pytest
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.models import OutdatedTranslation, TranslationUpdate
from cms.translations.progress import update_requests
from cms.translations.progress.updates import process_updates
from tests.factories.pages import make_page
from tests.factories.users import make_user

from .injection import interrupted
from .recovery import recover

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_a_page_is_translated_completely_or_not_at_all(page, department, client, settings, kill):
    translator = "wagtail_localize.machine_translators.dummy.DummyTranslator"
    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {"CLASS": translator}
    original = make_page(StandardPage, department, title="Le grand singe", slug="singe", summary="Il vit en forêt.")
    source, _created = TranslationSource.get_or_create_from_instance(original)
    translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
    translation.save_target(publish=False)
    assert recover() == []
    client.force_login(make_user("own", groups=[f"{department.slug}:administrator"]))
    post = partial(client.post, reverse("wagtail_localize:machine_translate", args=[translation.pk]))

    def translate(number):
        StringTranslation.objects.all().delete()
        return post

    complete = source.stringsegment_set.count()
    assert complete > 1
    for injection, error in interrupted(translate, kill=kill):
        stored = StringTranslation.objects.count()
        assert stored in (0, complete), injection.happened
        assert error or stored == complete, "the person was not told"
        post()
        assert StringTranslation.objects.count() == complete
        assert recover() == []


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_a_changed_original_marks_its_translations_whatever_happens(page, department, kill):
    original = make_page(StandardPage, department, title="Le grand singe", slug="singe", summary="Il vit en forêt.")
    source, _created = TranslationSource.get_or_create_from_instance(original)
    english = Locale.objects.get(language_code="en")
    translation = Translation.objects.create(source=source, target_locale=english)
    for segment in source.stringsegment_set.select_related("context", "string"):
        StringTranslation.objects.create(
            translation_of=segment.string, context=segment.context, locale=english, data=f"English {segment.order}",
            translation_type="manual",
        )  # fmt: skip
    translation.save_target()
    assert recover() == []

    def change(number):
        current = StandardPage.objects.get(pk=original.pk)
        current.summary = f"Il vit en forêt {number}."
        current.save_revision().publish()
        return process_updates

    # The requests of the change wait for the step: the thread of a real process may have ended with it.
    with mock.patch.object(update_requests._processing, "_function"):
        for injection, _error in interrupted(change, kill=kill):
            assert recover() == [], injection.happened
            mark = OutdatedTranslation.objects.get()
            current = StandardPage.objects.get(pk=original.pk)
            assert mark.string_translation.translation_of.data == current.summary, injection.happened
            assert mark.former_source == "Il vit en forêt."
            document = PublishedDocument.objects.get(content_id=original.translation_key, locale="en")
            assert '"stale":true' in document.body, injection.happened
            assert not TranslationUpdate.objects.exists()
