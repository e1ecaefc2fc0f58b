"""A translator of a department in the editor of translations: what it offers, and what it sends to approval."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import EventPage
from tests.factories.pages import make_page

from .conftest import PASSWORD, USERNAME
from .test_accessibility import RULES

pytestmark = pytest.mark.browser


@pytest.fixture
def editor_of_translation(section, live_server):
    """The address of the editor of an event's English translation."""
    with transaction.atomic():
        page = make_page(EventPage, section, title="Forum des métiers", slug="forum")
        source, _created = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
        translation.save_target(publish=False)
    target = translation.get_target_instance()
    return live_server.url + reverse("wagtailadmin_pages:edit", args=[target.pk])


def test_a_translator_sees_no_dead_action_and_submits(page, editor_of_translation, log_in, django_user_model):
    translator = django_user_model.objects.create_user("claire", "claire@example.test", PASSWORD)
    translator.groups.add(Group.objects.get(name="allier:translator:en"))
    log_in(page, "claire").goto(editor_of_translation)
    expect(page.get_by_role("link", name="Prévisualiser").first).to_be_visible()
    expect(page.locator("footer button:visible")).to_have_count(0)
    found = Axe().run(page, context={"include": [[".translation-approval"]]}, options=RULES)
    assert not found.response["violations"], found.generate_report()
    page.get_by_role("button", name="Soumettre à la relecture").press("Enter")
    expect(page.locator(".translation-approval")).to_contain_text("Cette traduction attend la relecture.")
    expect(page.get_by_role("button", name="Soumettre à la relecture")).to_have_count(0)


def test_a_publisher_is_offered_all_actions(page, editor_of_translation, publisher, log_in):
    log_in(page, USERNAME).goto(editor_of_translation)
    expect(page.locator("footer").get_by_role("button").first).to_be_visible()
    page.locator("footer").get_by_role("button", name="More actions").first.click()
    expect(page.get_by_role("button", name="Arrêter la synchronisation")).to_be_visible()
    expect(page.locator(".translation-approval")).to_have_count(0)
