"""A translator of a department in both editors of translations: what they offer, and what they send to approval."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from cms.pages.models import EventPage
from cms.translations.glossary.term_matching import TermTranslation
from cms.translations.glossary.term_storage import add_terms
from cms.translations.memory.pair_storage import TextPair, store_pairs
from cms.translations.memory.signatures import Scope
from sites.access.ownership import department_of_page
from tests.factories.pages import make_page

from .conftest import PASSWORD, USERNAME
from .test_accessibility import RULES

pytestmark = pytest.mark.browser


@pytest.fixture
def translation(section):
    """An event's English translation."""
    with transaction.atomic():
        page = make_page(EventPage, section, title="Forum des métiers", slug="forum")
        source, _created = TranslationSource.update_or_create_from_instance(page)
        translation = Translation.objects.create(source=source, target_locale=Locale.objects.get(language_code="en"))
        translation.save_target(publish=False)
    return translation


@pytest.fixture
def editor_of_translation(translation, live_server):
    """The URL of wagtail-localize's editor of the translation."""
    return live_server.url + reverse("wagtailadmin_pages:edit", args=[translation.get_target_instance().pk])


@pytest.fixture
def translation_desk(translation, live_server):
    """The URL of our editor of the translation."""
    return live_server.url + reverse("translation_editor", args=[translation.pk])


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
    page.locator("footer").get_by_role("button", name="Plus d'actions").first.click()
    expect(page.get_by_role("button", name="Arrêter la synchronisation")).to_be_visible()
    expect(page.locator(".translation-approval")).to_have_count(0)


def account(django_user_model, name, role):
    user = django_user_model.objects.create_user(name, f"{name}@example.test", PASSWORD)
    user.groups.add(Group.objects.get(name=f"allier:{role}:en"))


def write_all_texts(page):
    """Write and save each text of the editor with the keyboard; return the fields."""
    fields = page.locator('textarea[name^="text-"]')
    for number in range(fields.count()):
        fields.nth(number).fill(f"words-{number}")
        fields.nth(number).press("Control+Enter")
    expect(page.locator("[data-status]")).to_have_text("Enregistré.")
    return fields


def refuse_violations(page):
    found = Axe().run(page, context={"include": [["main"]]}, options=RULES)
    assert not found.response["violations"], found.generate_report()


def test_a_text_is_saved_by_keyboard_sent_back_with_a_comment_and_approved(
    page, translation_desk, log_in, django_user_model, context
):
    """The translator writes with the keyboard alone; the reviewer's decision reaches the translator's screen."""
    account(django_user_model, "claire", "translator")
    account(django_user_model, "rita", "reviewer")
    log_in(page, "claire").goto(translation_desk)
    fields = write_all_texts(page)
    refuse_violations(page)
    # A text that cannot be saved stays in the browser, and comes back.
    editor_requests = re.compile("/admin/translations/")
    context.route(editor_requests, lambda route: route.abort())
    fields.first.fill("words of an ended session")
    fields.first.press("Control+Enter")
    expect(page.locator("[data-status]")).to_contain_text("gardé dans ce navigateur")
    context.unroute(editor_requests)
    page.goto(translation_desk)
    expect(fields.first).to_have_value("words of an ended session")
    page.get_by_role("button", name="Soumettre à la relecture").press("Enter")
    expect(page.get_by_text("Cette traduction attend la relecture.")).to_be_visible()
    expect(fields.first).to_have_value("words of an ended session")

    page.context.clear_cookies()
    log_in(page, "rita").goto(translation_desk)
    page.locator(".translation-text__comments summary").first.press("Enter")
    page.locator('textarea[name^="comment-"]').first.fill("Too long.")
    refuse_violations(page)
    page.get_by_role("button", name="Renvoyer").press("Enter")
    expect(page.get_by_text("a été renvoyée")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, "claire").goto(translation_desk)
    expect(page.locator(".translation-editor__decision")).to_contain_text("Too long.")
    refuse_violations(page)


def click_slowly(page, button):
    """Click near the upper edge of a button, and hold it until the requests that the press has caused are answered."""
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()
    page.wait_for_load_state("networkidle")
    page.mouse.up()


def test_a_click_after_typing_is_not_lost(page, translation_desk, log_in, django_user_model):
    """Leaving the field saves it, and what is shown then must not move the button under the pointer away.

    A reviewer approves what she has just typed: the request in the background is older than the form.
    """
    account(django_user_model, "claire", "translator")
    account(django_user_model, "rita", "reviewer")
    log_in(page, "claire").goto(translation_desk)
    fields = write_all_texts(page)
    page.reload()
    fields.first.fill("words of 2026")
    click_slowly(page, page.get_by_role("button", name="Soumettre à la relecture"))
    expect(page.get_by_text("Cette traduction attend la relecture.")).to_be_visible()
    expect(fields.first).to_have_value("words of 2026")

    page.context.clear_cookies()
    log_in(page, "rita").goto(translation_desk)
    fields.first.fill("words of 2027")
    click_slowly(page, page.get_by_role("button", name="Approuver"))
    expect(page.get_by_text("est approuvée et publiée")).to_be_visible()
    expect(fields.first).to_have_value("words of 2027")


@pytest.fixture
def remembered(translation):
    """A memory with a text that is similar to the title, and a glossary with its first word."""
    department = department_of_page(translation.get_target_instance())
    scope = Scope(department.pk, translation.source.locale_id, translation.target_locale_id)
    with transaction.atomic():
        store_pairs(scope, [TextPair("Forum des métiers", "Careers fair")], "imported")
        store_pairs(scope, [TextPair("Forum des métier", "Career fair")], "imported")
        add_terms(scope, [TermTranslation("forum", "fair/fairs")], "imported")


@pytest.mark.usefixtures("remembered")
def test_a_suggestion_and_a_term_are_inserted_by_keyboard(page, translation_desk, log_in, django_user_model):
    account(django_user_model, "claire", "translator")
    log_in(page, "claire").goto(translation_desk)
    title = page.locator("[data-text]").first
    field = title.locator('textarea[name^="text-"]')
    field.focus()
    expect(title.locator("summary").first).to_contain_text("2 suggestions")
    field.press("Control+m")
    expect(title.locator("[data-suggestion]").first).to_be_visible()
    refuse_violations(page)
    field.press("Digit2")
    expect(field).to_have_value("Career fair")
    title.get_by_role("button", name="Insérer 1").press("Enter")
    expect(field).to_have_value("Careers fair")
    expect(field).to_be_focused()
    field.press("Control+Enter")
    expect(page.locator("[data-status]")).to_have_text("Enregistré.")
    field.fill("")
    title.get_by_role("button", name="Insérer “fair”").press("Enter")
    expect(field).to_have_value("fair")


@pytest.mark.usefixtures("remembered")
def test_suggestions_are_shown_without_a_script(browser, translation_desk, django_user_model, log_in):
    account(django_user_model, "claire", "translator")
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = log_in(context.new_page(), "claire")
    page.goto(translation_desk)
    page.locator(".translation-text__suggestions summary").first.click()
    page.get_by_role("link", name="Afficher les suggestions").first.click()
    expect(page.locator("[data-suggestion]").first).to_have_text("Careers fair")
    context.close()
