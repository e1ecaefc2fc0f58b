"""Machine drafts and the update of translations are interrupted at each point."""

from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale
from wagtail_localize.models import StringTranslation, Translation, TranslationSource

from cms.delivery.models import PublishedDocument
from cms.pages.models import StandardPage
from cms.translations.drafts.draft_requests import request_draft
from cms.translations.drafts.draft_runs import process_drafts
from cms.translations.models import (
    DraftState,
    MachineDraft,
    MachineLanguage,
    OutdatedTranslation,
    TranslationUpdate,
)
from cms.translations.progress import update_requests
from cms.translations.progress.updates import process_updates
from tests.factories.pages import make_page
from tests.factories.users import make_user
from tests.translations.machine.libretranslate import running_server

from .injection import interrupted
from .recovery import recover

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.embedded]


@pytest.fixture
def translation(page, department, settings):
    """Return the translation of a page into a language for which the department has chosen a translation service."""
    settings.MACHINE_TASKS = "default"
    original = make_page(StandardPage, department, title="Le grand singe", slug="singe", summary="Il vit en forêt.")
    source, _created = TranslationSource.get_or_create_from_instance(original)
    english = Locale.objects.get(language_code="en")
    translation = Translation.objects.create(source=source, target_locale=english)
    translation.save_target(publish=False)
    language = department.department_locales.get(locale=english)
    MachineLanguage.objects.create(language=language, service="libretranslate")
    assert recover() == []
    with running_server() as server:
        settings.MACHINE_TRANSLATION = settings.MACHINE_TRANSLATION | {
            "services": ["libretranslate"], "libretranslate_url": server.url,
        }  # fmt: skip
        yield translation


def finish_drafts():
    """Run the drafts that are open, as the worker does after the claims of killed workers and all pauses."""
    for _run in range(3):
        MachineDraft.objects.update(claimed_until=timezone.now(), next_attempt_at=timezone.now())
        process_drafts()


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "error"])
def test_a_machine_draft_is_completed_or_says_that_it_failed(translation, department, kill):
    user = make_user("own", groups=[f"{department.slug}:administrator"])

    def ask():
        with transaction.atomic():
            request_draft(translation, user)

    def draft(number):
        StringTranslation.objects.all().delete()
        MachineDraft.objects.all().delete()
        return ask

    complete = translation.source.stringsegment_set.count()
    assert complete > 1
    for injection, error in interrupted(draft, kill=kill):
        finish_drafts()
        asked = MachineDraft.objects.first()
        assert asked is not None or error, "the person was not told"
        if asked is None or asked.state == DraftState.FAILED:
            assert not kill or asked is None, injection.happened
            assert asked is None or asked.error
            ask()
            finish_drafts()
        assert MachineDraft.objects.get().state == DraftState.DONE, injection.happened
        assert StringTranslation.objects.count() == complete, injection.happened
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
